"""Who gets which answer on the usage pages of projects and organizations."""

from tests.routes.lines import Line

COST_ANALYTICS = {
    "cost_analytics": Line("yynnnnn"),
    "cost_analytics_filter": Line("yynnnnn"),
    "cost_analytics_view_save": Line("yynnnnn", "yynnnnn", {"name": "By project"}),
}


def usage_of_project(cells: str) -> dict[str, Line]:
    """The lines of a project's usage pages: whoever sees usage may save a view of it."""
    return {
        "usage": Line(cells),
        "usage_filter": Line(cells),
        "usage_view_save": Line(cells, cells, {"name": "By model"}),
    }
