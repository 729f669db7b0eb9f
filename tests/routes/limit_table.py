"""Who gets which answer on the pages of limits."""

from tests.routes.lines import Line

LIMITS = {"requests_per_minute": "60", "model_rule": "any"}
# Of a key of `research`.
LIMITS_OF_KEY = {"api_key_limits": Line("yy.yynn", "yy.ynnn", LIMITS)}


def limits_of_project(see: str, manage: str) -> dict[str, Line]:
    """The line of a project's limits, for those who see them and those who manage them."""
    return {"project_limits": Line(see, manage, LIMITS)}
