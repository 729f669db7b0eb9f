"""The part of the verification query that looks for spent budgets: one index scan for all scopes."""

from keys.enums import SpendScope

# Where a block has no end: sorted after all times.
NEVER = "never"
# The condition that a block of a scope applies to the key.
CONDITIONS = {
    SpendScope.ORGANIZATION: "b.target = o.id",
    SpendScope.PROJECT: "b.target = p.id",
    SpendScope.API_KEY: "b.target = k.id",
    SpendScope.PERSON: "b.target = k.created_by_id AND k.service_account_id IS NULL",
    SpendScope.SERVICE_ACCOUNT: "b.target = k.service_account_id",
}
TARGETS = "o.id, p.id, k.id, k.created_by_id, k.service_account_id"
# PostgreSQL looks up a list of columns by five scans, and an array of them by one.
IS_TARGET = {
    "sqlite": f"b.target IN ({TARGETS})",
    "postgresql": f"b.target = ANY (ARRAY[{TARGETS}])",
}
APPLIES = " OR ".join(
    f"b.scope = {scope.value} AND {condition}" for scope, condition in CONDITIONS.items()
)
# Of the blocks that hold now the one that ends last: when it ends, and its budget. Null without a block.
LAST = """(SELECT MAX(COALESCE({{ends_at}}, '{never}') || ' ' || b.budget) FROM keys_spendblock b
    WHERE {{is_target}} AND b.organization_id = o.id AND ({applies})
    AND b.starts_at <= ? AND (b.ends_at > ? OR b.ends_at IS NULL))"""
BLOCK = LAST.format(never=NEVER, applies=APPLIES)
TIMES_IN_BLOCK = BLOCK.count("?")
