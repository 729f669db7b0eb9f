"""One write for each constraint of terminals that goes past the code; part of every_constraint.py."""

from collections.abc import Callable

from accounts.actors import Actor
from keys.clients import CLIENTS
from keys.models import AccessToken, DeviceLogin, TerminalSession
from keys.terminals.services.grants import issue_project_token, redeem_device_code
from keys.terminals.services.sessions import approve_login, begin_login
from tests.database.writes import changed, copied
from tests.support.clock import DAY
from tests.world import World

CLIENT = next(iter(CLIENTS.values()))


def session(world: World) -> TerminalSession:
    """A terminal of `project_member`, with a token for `research`; made when first asked for."""
    found = TerminalSession.objects.first()
    if found is None:
        asked = begin_login(actor=Actor.without_account(), client=CLIENT, agent="")
        approve_login(actor=Actor.of_user(world.project_member), login=asked.login)
        redeem_device_code(client=CLIENT, device_code=asked.device_code)
        found = TerminalSession.objects.get()
        issue_project_token(found, world.research)
    return found


def login(world: World) -> DeviceLogin:
    found = session(world).device_login
    assert found
    return found


def waiting(world: World) -> DeviceLogin:
    """A login that nobody has answered."""
    found = DeviceLogin.objects.open().first()
    return found or begin_login(actor=Actor.without_account(), client=CLIENT, agent="").login


def pair(world: World) -> AccessToken:
    found: AccessToken = session(world).tokens.of_logins().get()
    return found


def of_project(world: World) -> AccessToken:
    found: AccessToken = session(world).tokens.of_projects().get()
    return found


TERMINAL_ATTEMPTS: dict[str, tuple[str, Callable[[World], object]]] = {
    "devicelogin_state_known": (
        "devicelogin_state_known",
        lambda w: copied(login(w), mac=b"x", user_code_mac=b"x", state="lost"),
    ),
    "devicelogin_decided_by_somebody": (
        "devicelogin_decided_by_somebody",
        lambda w: changed(waiting(w), state="approved"),
    ),
    "terminalsession_expires_after_creation": (
        "terminalsession_expires_after_creation",
        lambda w: changed(session(w), created_at=session(w).expires_at + DAY),
    ),
    "terminalsession_ends_for_a_reason": (
        "terminalsession_ends_for_a_reason",
        lambda w: changed(session(w), ended_at=session(w).created_at),
    ),
    "accesstoken_one_current_pair": (
        "keys_accesstoken.session_id",
        lambda w: copied(pair(w), mac=b"another", refresh_mac=b"another"),
    ),
    "accesstoken_logins_are_refreshed": (
        "accesstoken_logins_are_refreshed",
        lambda w: changed(pair(w), refresh_mac=None),
    ),
    "accesstoken_expires_after_creation": (
        "accesstoken_expires_after_creation",
        lambda w: copied(of_project(w), mac=b"x", expires_at=of_project(w).created_at - DAY),
    ),
}
