"""The triggers of terminals, their logins and tokens."""

from accounts.triggers.kinds import Guard, Reaction, changes_any

LOGIN, SESSION, TOKEN = "keys_devicelogin", "keys_terminalsession", "keys_accesstoken"
PROJECT, MEMBERSHIP, COLLABORATOR = (
    "projects_project",
    "accounts_membership",
    "projects_collaborator",
)
OF_USER = f"session_id IN (SELECT s.id FROM {SESSION} s WHERE s.user_id = OLD.user_id)"

TERMINAL_TRIGGERS = (
    Guard(
        "devicelogin_decided_once",
        LOGIN,
        "UPDATE",
        "OLD.state <> 'pending' AND (NEW.decided_by_id <> OLD.decided_by_id "
        "OR (NEW.state <> OLD.state AND NOT (OLD.state = 'approved' AND NEW.state = 'used')))",
        "a login is decided once, by one person",
    ),
    Guard(
        "terminalsession_of_who_approved",
        SESSION,
        "INSERT",
        f"NOT EXISTS (SELECT 1 FROM {LOGIN} l WHERE l.id = NEW.device_login_id "
        "AND l.state = 'used' AND l.decided_by_id = NEW.user_id)",
        "a terminal is logged in as the person who approved it",
    ),
    Guard(
        "terminalsession_stays_ended",
        SESSION,
        "UPDATE",
        f"{changes_any('user_id', 'client_id', 'expires_at')} "
        f"OR (OLD.ended_at IS NOT NULL AND ({changes_any('ended_at')}))",
        "a terminal stays whose it is, and logged out",
    ),
    Guard(
        "accesstoken_not_of_ended",
        TOKEN,
        "INSERT",
        f"EXISTS (SELECT 1 FROM {SESSION} s WHERE s.id = NEW.session_id "
        "AND s.ended_at IS NOT NULL)",
        "a terminal that is logged out gets no token",
        lock=f"PERFORM 1 FROM {SESSION} s WHERE s.id = NEW.session_id FOR SHARE;",
    ),
    Guard(
        "accesstoken_stays_ended",
        TOKEN,
        "UPDATE",
        f"{changes_any('session_id', 'project_id', 'created_at', 'expires_at')} "
        f"OR (OLD.ended_at IS NOT NULL AND ({changes_any('ended_at')}))",
        "an access token stays what it is, and ended",
    ),
    # A user who gets access again logs in again.
    Reaction(
        "membership_ends_tokens",
        MEMBERSHIP,
        "DELETE",
        f"UPDATE {TOKEN} SET ended_at = CURRENT_TIMESTAMP WHERE ended_at IS NULL AND {OF_USER} "
        f"AND project_id IN (SELECT p.id FROM {PROJECT} p "
        "WHERE p.organization_id = OLD.organization_id)",
    ),
    Reaction(
        "collaborator_ends_tokens",
        COLLABORATOR,
        "DELETE",
        f"UPDATE {TOKEN} SET ended_at = CURRENT_TIMESTAMP WHERE ended_at IS NULL AND {OF_USER} "
        "AND project_id = OLD.project_id",
    ),
)
