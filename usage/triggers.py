"""Triggers on usage: records are append-only, and rows never mix organizations.

Records are inserted by the thousand, so on PostgreSQL a whole statement is checked at once.
"""

from accounts.triggers.kinds import Guard, StatementGuard, Trigger, TruncateGuard

RECORD, PROJECT, KEY = "usage_usagerecord", "projects_project", "keys_apikey"
DAILY, HOURLY = "usage_dailytotal", "usage_hourlytotal"
PRODUCT, ITEM = "usage_product", "usage_lineitem"
MIXED_TOTAL = (
    "NOT EXISTS (SELECT 1 FROM {project} p WHERE p.id = {row}.project_id "
    "AND p.organization_id = {row}.organization_id)"
).replace("{project}", PROJECT)
MIXED_RECORD = (
    f"{MIXED_TOTAL} OR (({{row}}.meant_project_id IS NOT NULL OR {{row}}.api_key_id IS NOT NULL) "
    f"AND NOT EXISTS (SELECT 1 FROM {PROJECT} p WHERE p.id = {{row}}.meant_project_id "
    "AND p.organization_id = {row}.meant_organization_id)) "
    f"OR ({{row}}.api_key_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {KEY} k "
    "WHERE k.id = {row}.api_key_id AND k.project_id = {row}.meant_project_id)) "
    f"OR NOT EXISTS (SELECT 1 FROM accounts_organization o WHERE o.id = {{row}}.meant_organization_id)"
)
RECORD_LOCATION = "organization_id, project_id, meant_organization_id, meant_project_id, api_key_id"
TOTAL_LOCATION = "organization_id, project_id"
CORRECTS_OTHER = (
    f"NEW.original_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {RECORD} r "
    "WHERE r.id = NEW.original_id AND r.kind = 1 AND r.time = NEW.time "
    "AND r.meant_organization_id = NEW.meant_organization_id)"
)

TRIGGERS: tuple[Trigger, ...] = (
    Guard("usagerecord_no_update", RECORD, "UPDATE", "TRUE", "usage records cannot be changed"),
    Guard("usagerecord_no_delete", RECORD, "DELETE", "TRUE", "usage records cannot be deleted"),
    TruncateGuard("usagerecord_no_truncate", RECORD, "usage records cannot be deleted"),
    StatementGuard(
        "usagerecord_not_mixed",
        RECORD,
        RECORD_LOCATION,
        MIXED_RECORD,
        "usage is billed to a project of its organization and names a key of its intended project",
    ),
    Guard(
        "usagerecord_corrects_its_own",
        RECORD,
        "INSERT",
        CORRECTS_OTHER,
        "a correction points at usage of the same organization and has its time",
        only="NEW.original_id IS NOT NULL",
    ),
    *(
        StatementGuard(
            f"{name}_not_mixed",
            table,
            TOTAL_LOCATION,
            MIXED_TOTAL,
            "usage is billed to a project of its organization",
        )
        for name, table in [("dailytotal", DAILY), ("hourlytotal", HOURLY)]
    ),
    *(
        Guard(
            f"{name}_stays_put",
            table,
            f"UPDATE OF {TOTAL_LOCATION}",
            "OLD.organization_id <> NEW.organization_id OR OLD.project_id <> NEW.project_id",
            "a total stays in its project",
        )
        for name, table in [("dailytotal", DAILY), ("hourlytotal", HOURLY)]
    ),
    *(
        Guard(
            f"{name}_code_stays",
            table,
            "UPDATE OF code",
            "OLD.code <> NEW.code",
            "programs know it by its code, which never changes",
        )
        for name, table in [("product", PRODUCT), ("lineitem", ITEM)]
    ),
)
