"""Triggers that make the audit log append-only, each event in the chain of its organization."""

from accounts.triggers.kinds import Guard, Trigger, TruncateGuard

AUDIT, CHAIN = "accounts_auditevent", "accounts_auditchain"
PERSONAL = "accounts_auditpersonaldata"

AUDIT_TRIGGERS: tuple[Trigger, ...] = (
    Guard("audit_no_update", AUDIT, "UPDATE", "TRUE", "audit events cannot be changed"),
    Guard("audit_no_delete", AUDIT, "DELETE", "TRUE", "audit events cannot be deleted"),
    TruncateGuard("audit_no_truncate", AUDIT, "audit events cannot be deleted"),
    Guard(
        "auditpersonal_no_update", PERSONAL, "UPDATE", "TRUE", "personal data is kept or deleted"
    ),
    Guard(
        "audit_in_own_chain",
        AUDIT,
        "INSERT",
        f"NOT EXISTS (SELECT 1 FROM {CHAIN} c WHERE c.id = NEW.chain_id "
        "AND COALESCE(c.organization_id, 0) = COALESCE(NEW.organization_id, 0))",
        "an audit event stands in the chain of its organization",
    ),
    Guard("auditchain_no_delete", CHAIN, "DELETE", "TRUE", "audit chains cannot be deleted"),
    Guard(
        "auditchain_only_grows",
        CHAIN,
        "UPDATE",
        "NEW.length <= OLD.length "
        "OR COALESCE(NEW.organization_id, 0) <> COALESCE(OLD.organization_id, 0)",
        "audit chains only grow",
    ),
)
