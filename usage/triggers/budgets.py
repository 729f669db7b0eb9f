"""Triggers on budgets: they stay what they were made for, and keep their history."""

from accounts.triggers.kinds import Guard, Trigger, changes_any

KEY, PROJECT = "keys_apikey", "projects_project"
BUDGET, SPEND, SENT = "usage_budget", "usage_budgetspend", "usage_sentalert"
MIXED_BUDGET = " OR ".join(
    f"(NEW.{column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {table} t WHERE t.id = NEW.{column} "
    f"AND {place} = NEW.organization_id))"
    for column, table, place in [
        ("project_id", PROJECT, "t.organization_id"),
        *(
            (
                column,
                table,
                f"(SELECT p.organization_id FROM {PROJECT} p WHERE p.id = t.project_id)",
            )
            for column, table in [
                ("api_key_id", KEY),
                ("service_account_id", "projects_serviceaccount"),
            ]
        ),
    ]
)
BUDGET_TRIGGERS: tuple[Trigger, ...] = (
    Guard(
        "budget_not_mixed",
        BUDGET,
        "INSERT",
        MIXED_BUDGET,
        "a budget is for something of its organization",
    ),
    Guard(
        "budget_stays_put",
        BUDGET,
        "UPDATE",
        changes_any("organization_id", "scope", "target", "period", "starts_on", "public_id"),
        "what a budget is for and how long it lasts never change",
    ),
    Guard(
        "budget_stays_ended",
        BUDGET,
        "UPDATE",
        f"OLD.ended_at IS NOT NULL AND ({changes_any('ended_at', 'amount', 'kind')})",
        "a deleted budget stays as it was",
    ),
    Guard(
        "budgetspend_stays_put",
        SPEND,
        "UPDATE",
        changes_any("budget_id", "first_day", "last_day"),
        "what was spent stays in its period",
    ),
    *(
        Guard(f"{name}_no_delete", table, "DELETE", "TRUE", f"{what} are never deleted")
        for name, table, what in [
            ("budget", BUDGET, "budgets"),
            ("budgetspend", SPEND, "spends of budgets"),
            ("sentalert", SENT, "sent alerts"),
        ]
    ),
)
