"""Triggers on usage and the catalogue: records are append-only, and rows never mix organizations.

Records are inserted by the thousand, so on PostgreSQL a whole statement is checked at once.
"""

from dataclasses import dataclass

from accounts.triggers.kinds import Guard, StatementGuard, Trigger, TruncateGuard, changes_any
from usage.amounts import QUANTITY_SCALE, WHOLE_UNITS
from usage.enums import RecordKind

RECORD, SERIES = "usage_usagerecord", "usage_series"
PROJECT, KEY = "projects_project", "keys_apikey"
DAILY, HOURLY = "usage_dailytotal", "usage_hourlytotal"
PRODUCT, ITEM, PRICE = "usage_product", "usage_lineitem", "usage_price"
MODEL = "usage_modelname"
MIXED_TOTAL = (
    "NOT EXISTS (SELECT 1 FROM {project} p WHERE p.id = {row}.project_id "
    "AND p.organization_id = {row}.organization_id)"
).replace("{project}", PROJECT)
MIXED_SERIES = (
    f"{MIXED_TOTAL} OR (({{row}}.meant_project_id IS NOT NULL OR {{row}}.api_key_id IS NOT NULL) "
    f"AND NOT EXISTS (SELECT 1 FROM {PROJECT} p WHERE p.id = {{row}}.meant_project_id "
    "AND p.organization_id = {row}.meant_organization_id)) "
    f"OR ({{row}}.api_key_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {KEY} k "
    "WHERE k.id = {row}.api_key_id AND k.project_id = {row}.meant_project_id)) "
    f"OR NOT EXISTS (SELECT 1 FROM accounts_organization o WHERE o.id = {{row}}.meant_organization_id)"
).format(row="NEW")
TOTAL_LOCATION = "organization_id, project_id"
USAGE, ADJUST = RecordKind.USAGE.value, RecordKind.ADJUST.value
# The signs of their amounts; those of adjustments can be both.
POSITIVE = f"({USAGE}, {RecordKind.MOVED_IN.value})"
NEGATIVE = f"({RecordKind.VOID.value}, {RecordKind.MOVED_OUT.value})"
FITS = (
    "s.meant_organization_id = {row}.meant_organization_id "
    f"AND (s.kind = {USAGE}) = ({{row}}.original_id IS NULL) AND (s.kind = {ADJUST} "
    f"OR (s.kind IN {POSITIVE} AND {{row}}.quantity >= 0 AND {{row}}.cost >= 0) "
    f"OR (s.kind IN {NEGATIVE} AND {{row}}.quantity <= 0 AND {{row}}.cost <= 0))"
)
FITS_NO_SERIES = (
    "{row}.series_id IS NOT NULL AND NOT EXISTS "
    f"(SELECT 1 FROM {SERIES} s WHERE s.id = {{row}}.series_id AND {FITS})"
)
CORRECTS_OTHER = (
    f"{{row}}.original_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {RECORD} r "
    "WHERE r.id = {row}.original_id AND r.time = {row}.time "
    f"AND r.meant_organization_id = {{row}}.meant_organization_id AND (r.kind = {USAGE} "
    f"OR EXISTS (SELECT 1 FROM {SERIES} s WHERE s.id = r.series_id AND s.kind = {USAGE})))"
)
# The columns of a series, in the order of SharedFields. Records of the version before have them too.
SERIES_COLUMNS = (
    *("organization_id", "project_id", "meant_organization_id", "meant_project_id"),
    *("line_item_id", "model_id", "unit_price", "api_key_id", "user_id"),
    *("reason", "kind", "requests"),
)
OPTIONAL = ("meant_project_id", "api_key_id", "user_id")
REQUIRED = tuple(column for column in SERIES_COLUMNS if column not in OPTIONAL)
# All writers create series in this order, that of `sort_key` in usage/ledger/series.py.
SERIES_ORDER = ", ".join(
    f"coalesce({column}, 0)" if column in OPTIONAL else column for column in SERIES_COLUMNS
)
# The series `s` of a row that has these columns itself.
IS_ITS_SERIES = " AND ".join(
    [f"s.{column} = {{row}}.{column}" for column in REQUIRED]
    + [f"coalesce(s.{column}, 0) = coalesce({{row}}.{column}, 0)" for column in OPTIONAL]
)
CONTENT = changes_any(
    *("id", "event_id", "source_id", "digest", "time", "quantity", "cost", "original_id"),
    *("attributes", "note", "recorded_at", *REQUIRED, *OPTIONAL),
)
FINDS_SERIES = (
    "OLD.series_id IS NULL AND NEW.series_id IS NOT NULL "
    f"AND EXISTS (SELECT 1 FROM {SERIES} s WHERE s.id = NEW.series_id "
    f"AND {IS_ITS_SERIES} AND {FITS}) AND NOT coalesce({CONTENT}, FALSE)"
).format(row="NEW")


@dataclass(frozen=True)
class FindSeries(Trigger):
    """Gives records of the version before, which have no series, theirs, and creates it if it is new.

    Dropped together with the former columns (docs/decisions/0028).
    """

    def sqlite(self) -> str:
        columns, values = ", ".join(SERIES_COLUMNS), ", ".join(f"NEW.{c}" for c in SERIES_COLUMNS)
        series = f"FROM {SERIES} s WHERE {IS_ITS_SERIES.format(row='NEW')}"
        return (
            f"CREATE TRIGGER {self.name} AFTER INSERT ON {self.table} FOR EACH ROW "
            f"WHEN NEW.series_id IS NULL BEGIN INSERT INTO {SERIES} ({columns}) "
            f"SELECT {values} WHERE NOT EXISTS (SELECT 1 {series}); "
            f"UPDATE {RECORD} SET series_id = (SELECT s.id {series}) WHERE id = NEW.id; END"
        )

    def body(self) -> str:
        columns = ", ".join(SERIES_COLUMNS)
        return (
            "BEGIN IF EXISTS (SELECT 1 FROM added WHERE series_id IS NULL) THEN "
            f"INSERT INTO {SERIES} ({columns}) SELECT {columns} FROM added WHERE series_id IS NULL "
            f"GROUP BY {columns} ORDER BY {SERIES_ORDER} ON CONFLICT DO NOTHING; "
            f"UPDATE {RECORD} r SET series_id = s.id FROM {SERIES} s, added a "
            f"WHERE r.id = a.id AND a.series_id IS NULL AND {IS_ITS_SERIES.format(row='a')}; "
            "END IF; RETURN NULL; END"
        )

    def event_clause(self) -> str:
        return f"AFTER INSERT ON {self.table} REFERENCING NEW TABLE AS added FOR EACH STATEMENT"


# Of usage, not of corrections: one of a fraction that an older version stored is a fraction too.
FRACTION = f"{{row}}.original_id IS NULL AND {{row}}.quantity % {QUANTITY_SCALE} > 0"
DIVIDES_UNIT = (
    f"EXISTS (SELECT 1 FROM {SERIES} s JOIN {ITEM} i ON i.id = s.line_item_id "
    "WHERE s.id = {row}.series_id AND i.unit IN ({units}))"
).replace("{units}", ", ".join(f"'{unit}'" for unit in sorted(WHOLE_UNITS)))
CHAINS = (
    f"NEW.canonical_id IS NOT NULL AND (NEW.canonical_id = NEW.id OR EXISTS (SELECT 1 FROM {MODEL} c "
    "WHERE c.id = NEW.canonical_id AND c.canonical_id IS NOT NULL) "
    f"OR EXISTS (SELECT 1 FROM {MODEL} s WHERE s.canonical_id = NEW.id))"
)
# Both databases have the day in UTC, SQLite as text.
PRICE_BEGUN = "OLD.starts_on <= CURRENT_DATE"
PRICE_CHANGES = changes_any("line_item_id", "organization_id", "model", "unit_price", "starts_on")

RECORD_TRIGGERS: tuple[Trigger, ...] = (
    Guard(
        "usagerecord_no_update",
        RECORD,
        "UPDATE",
        f"NOT ({FINDS_SERIES})",
        "usage records cannot be changed",
    ),
    Guard("usagerecord_no_delete", RECORD, "DELETE", "TRUE", "usage records cannot be deleted"),
    TruncateGuard("usagerecord_no_truncate", RECORD, "usage records cannot be deleted"),
    FindSeries("usagerecord_finds_series", RECORD),
    StatementGuard(
        "usagerecord_not_mixed",
        RECORD,
        "series_id, meant_organization_id, original_id, quantity, cost",
        FITS_NO_SERIES,
        "a record fits its series: the intended organization, the original, the signs",
    ),
    StatementGuard(
        "usagerecord_corrects_its_own",
        RECORD,
        "original_id, time, meant_organization_id",
        CORRECTS_OTHER,
        "a correction points at usage of the same organization and has its time",
    ),
    StatementGuard(
        "usagerecord_whole",
        RECORD,
        "series_id, original_id, quantity",
        f"{FRACTION} AND {DIVIDES_UNIT}",
        "tokens, requests and sessions are whole",
    ),
    Guard("series_no_update", SERIES, "UPDATE", "TRUE", "series cannot be changed"),
    Guard("series_no_delete", SERIES, "DELETE", "TRUE", "series cannot be deleted"),
    TruncateGuard("series_no_truncate", SERIES, "series cannot be deleted"),
    Guard(
        "series_not_mixed",
        SERIES,
        "INSERT",
        MIXED_SERIES,
        "usage is billed to a project of its organization and names a key of its intended project",
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
    *(
        Guard(
            f"modelname_{name}_canonical",
            MODEL,
            event,
            CHAINS,
            "a canonical model is canonical itself",
            lock=f"PERFORM 1 FROM {MODEL} c WHERE c.id = NEW.canonical_id FOR SHARE;",
        )
        for name, event in [("insert", "INSERT"), ("update", "UPDATE OF canonical_id")]
    ),
    Guard(
        "price_begun_stays",
        PRICE,
        "UPDATE",
        f"{PRICE_BEGUN} AND ({PRICE_CHANGES})",
        "a price that has begun cannot be changed",
    ),
    Guard(
        "price_begun_no_delete",
        PRICE,
        "DELETE",
        PRICE_BEGUN,
        "a price that has begun cannot be deleted",
    ),
)
