"""One write for each constraint of service accounts; part of every_constraint.py."""

from collections.abc import Callable

from projects.models import ServiceAccount
from tests.database.writes import changed, copied
from tests.projects.helpers.service_accounts import make_account
from tests.world import World


def service_account(world: World) -> ServiceAccount:
    """The one of the research project that is called `CI`; made when first asked for."""
    return make_account(world.research, world.owner)


ACCOUNT_ATTEMPTS: dict[str, tuple[str, Callable[[World], object]]] = {
    "serviceaccount_name_once": (
        "projects_serviceaccount.project_id, projects_serviceaccount.search_text",
        lambda w: copied(service_account(w), name="ci"),
    ),
    "serviceaccount_one_creator": (
        "serviceaccount_one_creator",
        lambda w: copied(service_account(w), name="x", created_by_account_id=service_account(w).pk),
    ),
    "serviceaccount_role_known": (
        "serviceaccount_role_known",
        lambda w: changed(service_account(w), role="owner"),
    ),
}
