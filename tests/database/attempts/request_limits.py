"""One write for each constraint of request limits that goes past the code; part of every_constraint.py."""

from collections.abc import Callable

from keys.models import RequestLimits
from tests.database.writes import changed
from tests.world import World


def project_limits(world: World) -> RequestLimits:
    return RequestLimits.objects.get_or_create(
        project=world.research, defaults={"requests_per_minute": 60}
    )[0]


def key_limits(world: World) -> RequestLimits:
    return RequestLimits.objects.get_or_create(
        api_key=world.key, defaults={"ip_ranges": "192.0.2.0/24"}
    )[0]


LIMIT_ATTEMPTS: dict[str, tuple[str, Callable[[World], object]]] = {
    "requestlimits_model_rule_known": (
        "requestlimits_model_rule_known",
        lambda w: changed(project_limits(w), model_rule="some", model_names="a"),
    ),
    "requestlimits_requests_per_minute_sane": (
        "requestlimits_requests_per_minute_sane",
        lambda w: changed(project_limits(w), requests_per_minute=0),
    ),
    "requestlimits_requests_per_day_sane": (
        "requestlimits_requests_per_day_sane",
        lambda w: changed(project_limits(w), requests_per_day=1_000_000_001),
    ),
    "requestlimits_of_one": (
        "requestlimits_of_one",
        lambda w: RequestLimits.objects.create(requests_per_minute=60),
    ),
    "requestlimits_rule_names_models": (
        "requestlimits_rule_names_models",
        lambda w: changed(project_limits(w), model_rule="allow"),
    ),
    "requestlimits_limits_something": (
        "requestlimits_limits_something",
        lambda w: changed(key_limits(w), ip_ranges=""),
    ),
}
