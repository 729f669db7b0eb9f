"""One write for each constraint of service accounts; part of every_constraint.py."""

from collections.abc import Callable

from keys.models import AccountToken
from projects.models import ServiceAccount
from tests.database.writes import changed, copied
from tests.keys.helpers.service_accounts import issue_account_token
from tests.projects.helpers.service_accounts import make_account
from tests.support.clock import DAY
from tests.world import World


def service_account(world: World) -> ServiceAccount:
    """The one of the research project that is called `CI`; made when first asked for."""
    return make_account(world.research, world.owner)


def account_token(world: World) -> AccountToken:
    """A token of that service account; made when first asked for."""
    found: AccountToken | None = service_account(world).tokens.first()
    return found or issue_account_token(world.owner, service_account(world)).token


ACCOUNT_ATTEMPTS: dict[str, tuple[str, Callable[[World], object]]] = {
    "serviceaccount_name_once": (
        "projects_serviceaccount.project_id, projects_serviceaccount.search_text",
        lambda w: copied(service_account(w), name="ci"),
    ),
    "serviceaccount_one_creator": (
        "serviceaccount_one_creator",
        lambda w: copied(service_account(w), name="x", created_by_account_id=service_account(w).pk),
    ),
    "accounttoken_name_once_unrevoked": (
        "keys_accounttoken.service_account_id, keys_accounttoken.name",
        lambda w: copied(account_token(w), mac=b"x"),
    ),
    "accounttoken_expires_after_creation": (
        "accounttoken_expires_after_creation",
        lambda w: copied(
            account_token(w), name="x", mac=b"x", expires_at=account_token(w).created_at - DAY
        ),
    ),
    "serviceaccount_role_known": (
        "serviceaccount_role_known",
        lambda w: changed(service_account(w), role="owner"),
    ),
}
