"""The triggers of personal access tokens."""

from accounts.triggers.kinds import Guard, Reaction, changes_any

TOKEN, PROJECT = "keys_personaltoken", "projects_project"
MEMBERSHIP, COLLABORATOR = "accounts_membership", "projects_collaborator"
REVOKE = f"UPDATE {TOKEN} SET revoked_at = CURRENT_TIMESTAMP WHERE revoked_at IS NULL"

TOKEN_TRIGGERS = (
    Guard("personaltoken_no_delete", TOKEN, "DELETE", "TRUE", "access tokens are kept"),
    Guard(
        "personaltoken_not_mixed",
        TOKEN,
        "INSERT",
        f"NEW.project_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {PROJECT} p "
        "WHERE p.id = NEW.project_id AND p.organization_id = NEW.organization_id)",
        "an access token is for a project of its own organization only",
    ),
    Guard(
        "personaltoken_stays_put",
        TOKEN,
        "UPDATE",
        changes_any(
            *("public_id", "user_id", "organization_id", "project_id", "name", "scope"),
            *("created_at", "expires_at"),
        ),
        "an access token stays what it was made as",
    ),
    Guard(
        "personaltoken_stays_revoked",
        TOKEN,
        "UPDATE",
        f"OLD.revoked_at IS NOT NULL AND ({changes_any('revoked_at')})",
        "a revoked access token stays revoked",
    ),
    # A user who gets access again creates another. Tokens of those who keep another role in the
    # organization are revoked by services, which know what a role allows.
    Reaction(
        "membership_revokes_tokens",
        MEMBERSHIP,
        "DELETE",
        f"{REVOKE} AND user_id = OLD.user_id AND organization_id = OLD.organization_id",
    ),
    # Of external collaborators, who keep nothing.
    Reaction(
        "collaborator_revokes_tokens",
        COLLABORATOR,
        "DELETE",
        f"{REVOKE} AND user_id = OLD.user_id AND project_id = OLD.project_id AND OLD.membership_id IS NULL",
    ),
)
