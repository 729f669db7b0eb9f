"""The triggers of keys, their secrets and service credentials."""

from accounts.triggers.kinds import Guard, changes_any

ORGANIZATION, PROJECT = "accounts_organization", "projects_project"
KEY, SECRET = "keys_apikey", "keys_keysecret"
CREDENTIAL = "keys_servicecredential"
LEAK = "keys_leakreport"
LIMITS = "keys_requestlimits"


KEY_TRIGGERS = (
    *(
        Guard(f"{name}_no_delete", table, "DELETE", "TRUE", f"{what} are kept")
        for name, table, what in [
            ("apikey", KEY, "keys"),
            ("keysecret", SECRET, "secrets of keys"),
            ("credential", CREDENTIAL, "service credentials"),
            ("leakreport", LEAK, "reports of leaks"),
        ]
    ),
    Guard(
        "apikey_stays_put",
        KEY,
        "UPDATE",
        changes_any(
            *("project_id", "kind", "public_id", "created_by_id", "created_at"),
            *("service_account_id", "created_with"),
        ),
        "a key stays in its project, as what and by whom it was made",
    ),
    Guard(
        "apikey_stays_revoked",
        KEY,
        "UPDATE",
        f"OLD.revoked_at IS NOT NULL AND ({changes_any('revoked_at', 'name', 'expires_at')})",
        "a revoked key stays revoked",
    ),
    Guard(
        "apikey_default_in_default",
        KEY,
        "INSERT",
        "NEW.kind = 'default' AND NOT EXISTS "
        f"(SELECT 1 FROM {PROJECT} p WHERE p.id = NEW.project_id AND p.is_default)",
        "the Default Key is of the Default Project",
    ),
    Guard(
        "apikey_not_in_frozen",
        KEY,
        "INSERT",
        f"EXISTS (SELECT 1 FROM {PROJECT} p JOIN {ORGANIZATION} o ON o.id = p.organization_id "
        "WHERE p.id = NEW.project_id AND (p.archived_at IS NOT NULL OR o.state = 'closed'))",
        "no key is made in an archived project or a closed organization",
    ),
    Guard(
        "keysecret_stays_put",
        SECRET,
        "UPDATE",
        changes_any("api_key_id", "created_at", "may_read_usage", "created_with"),
        "a secret stays with its key and its right",
    ),
    Guard(
        "keysecret_not_of_revoked",
        SECRET,
        "INSERT",
        f"EXISTS (SELECT 1 FROM {KEY} k WHERE k.id = NEW.api_key_id AND k.revoked_at IS NOT NULL)",
        "a revoked key stays revoked",
    ),
    Guard(
        "requestlimits_stays_put",
        LIMITS,
        "UPDATE",
        changes_any("project_id", "api_key_id"),
        "limits stay with their project or key",
    ),
    Guard(
        "requestlimits_not_of_default_key",
        LIMITS,
        "INSERT",
        f"EXISTS (SELECT 1 FROM {KEY} k WHERE k.id = NEW.api_key_id AND k.kind = 'default')",
        "the Default Key has no limits of its own",
    ),
    Guard(
        "credential_stays_revoked",
        CREDENTIAL,
        "UPDATE",
        f"OLD.revoked_at IS NOT NULL AND ({changes_any('revoked_at')})",
        "a revoked credential stays revoked",
    ),
)
