"""The triggers of service account tokens, and of the API keys of service accounts."""

from accounts.triggers.kinds import NOW, Guard, Reaction, changes_any

TOKEN, KEY, ACCOUNT = "keys_accounttoken", "keys_apikey", "projects_serviceaccount"
REMOVED = "OLD.removed_at IS NULL AND NEW.removed_at IS NOT NULL"

ACCOUNT_TOKEN_TRIGGERS = (
    Guard("accounttoken_no_delete", TOKEN, "DELETE", "TRUE", "service account tokens are kept"),
    Guard(
        "accounttoken_stays_put",
        TOKEN,
        "UPDATE",
        changes_any(
            *("public_id", "service_account_id", "name", "created_by_id", "created_with"),
            *("created_at", "expires_at"),
        ),
        "a service account token does not change",
    ),
    Guard(
        "accounttoken_stays_revoked",
        TOKEN,
        "UPDATE",
        f"OLD.revoked_at IS NOT NULL AND ({changes_any('revoked_at')})",
        "a revoked service account token stays revoked",
    ),
    Guard(
        "accounttoken_not_of_removed",
        TOKEN,
        "INSERT",
        f"EXISTS (SELECT 1 FROM {ACCOUNT} a WHERE a.id = NEW.service_account_id "
        "AND a.removed_at IS NOT NULL)",
        "a removed service account gets no tokens",
    ),
    Guard(
        "apikey_of_own_account",
        KEY,
        "INSERT",
        f"NEW.service_account_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {ACCOUNT} a "
        "WHERE a.id = NEW.service_account_id AND a.project_id = NEW.project_id "
        "AND a.removed_at IS NULL)",
        "a key belongs to a service account of its own project that was not removed",
    ),
    # Services revoke them with an audit event each.
    *(
        Reaction(
            f"serviceaccount_revokes_{what}",
            ACCOUNT,
            "UPDATE OF removed_at",
            f"UPDATE {table} SET revoked_at = {NOW} "
            "WHERE service_account_id = NEW.id AND revoked_at IS NULL",
            when=REMOVED,
        )
        for what, table in [("tokens", TOKEN), ("keys", KEY)]
    ),
)
