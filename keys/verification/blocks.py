"""The part of the verification query that looks for spent budgets: one index lookup for each scope."""

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
OF_SCOPE = """SELECT COALESCE({{ends_at}}, '{never}') || ' ' || b.budget AS block FROM keys_spendblock b
    WHERE {condition} AND b.scope = {scope} AND b.organization_id = o.id
    AND b.starts_at <= ? AND (b.ends_at > ? OR b.ends_at IS NULL)"""
# Of the blocks that hold now the one that ends last: when it ends, and its budget. Null without a block.
LAST = "(SELECT MAX(block) FROM ({}) AS blocks)"
BLOCK = LAST.format(
    " UNION ALL ".join(
        OF_SCOPE.format(never=NEVER, condition=condition, scope=scope.value)
        for scope, condition in CONDITIONS.items()
    )
)
TIMES_IN_BLOCK = BLOCK.count("?")
