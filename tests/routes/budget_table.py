"""Who gets which answer on the pages of budgets."""

from tests.routes.lines import Line

NEW_BUDGET = {"period": "month", "kind": "alert", "amount": "100"}
CHANGED_BUDGET = {"kind": "alert", "amount": "200"}
#     owner, admin, member, project admin, project member, external, external project admin
BUDGETS_OF_ORGANIZATION = {
    "budgets": Line("yynnnnn"),
    "budget_create": Line("yynnnnn", "yynnnnn", {"scope": "organization", **NEW_BUDGET}),
}
# A budget of the organization that notifies its Owner.
BUDGET_ROW = {
    "budget": Line("yynnnnn"),
    "budget_change": Line("yynnnnn", "yynnnnn", CHANGED_BUDGET),
    "budget_delete": Line("yynnnnn", "yynnnnn"),
    "budget_test": Line("yynnnnn", "yynnnnn"),
}
# A budget of `research` that notifies the Owner of the organization.
PROJECT_BUDGET_ROW = {
    "project_budget": Line("yy.yynn"),
    "project_budget_change": Line("yy.ynnn", "yy.ynnn", CHANGED_BUDGET),
    "project_budget_delete": Line("yy.ynnn", "yy.ynnn"),
    "project_budget_test": Line("yy.ynnn", "yy.ynnn"),
}


def budgets_of_project(see: str, manage: str) -> dict[str, Line]:
    """The lines of a project's budgets, for those who see them and those who manage them."""
    data = {"scope": "project", **NEW_BUDGET}
    return {
        "project_budgets": Line(see),
        "project_budget_create": Line(manage, manage, data),
    }
