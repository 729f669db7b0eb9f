"""The triggers of admin API keys."""

from accounts.triggers.kinds import Guard, changes_any

ADMIN_KEY = "keys_adminkey"

ADMIN_KEY_TRIGGERS = (
    Guard("adminkey_no_delete", ADMIN_KEY, "DELETE", "TRUE", "admin API keys are kept"),
    Guard(
        "adminkey_stays_put",
        ADMIN_KEY,
        "UPDATE",
        changes_any(
            *("public_id", "organization_id", "name", "created_by_id", "created_with_id"),
            *("created_at", "expires_at"),
        ),
        "an admin API key does not change",
    ),
    Guard(
        "adminkey_stays_revoked",
        ADMIN_KEY,
        "UPDATE",
        f"OLD.revoked_at IS NOT NULL AND ({changes_any('revoked_at')})",
        "a revoked admin API key stays revoked",
    ),
)
