"""What becomes of tokens of terminals found in public: the login ends, and its person is told."""

from typing import Any

import pytest

from accounts.enums import Action
from accounts.models import AuditEvent
from accounts.web.mail_text import WORD_JOINER
from keys.models import TerminalSession
from tests.keys.helpers.api_client import call
from tests.keys.helpers.leak_reporter import URL, report
from tests.keys.helpers.terminal_client import logged_in, refusal
from tests.support.mail import mailed, mailed_to
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", ["access", "refresh", "project"])
def test_a_leaked_token_ends_its_login_and_tells_its_person(
    world: World, mailoutbox: list[Any], kind: str
) -> None:
    terminal, other = logged_in(world.project_member), logged_in(world.project_member)
    project = terminal.project_token(world.research)
    mailed()
    mailoutbox.clear()
    leaked = {"access": terminal.access, "refresh": terminal.refresh, "project": project}[kind]
    assert report(leaked) == [True]
    for token in (terminal.access, project):
        assert call("/v3/whoami", token).status_code == 401
    assert refusal(terminal.renew()) == "invalid_grant"
    assert call("/v3/whoami", other.access).status_code == 200
    (mail,) = mailed_to(world.project_member.email)
    assert mail.subject == "Signed out: a token of your terminal was found in public"
    assert URL in mail.body.replace(WORD_JOINER, "")
    assert leaked not in mail.body
    event = AuditEvent.objects.get(act=Action.TERMINAL_ENDED)
    assert event.values_after == {"because": "leak", "found_at": [URL]}
    # Reported again, nothing more happens.
    assert report(leaked) == [True]
    assert len(mailed()) == 1


def test_a_token_that_was_never_issued_is_none_of_ours(world: World) -> None:
    logged_in(world.member)
    assert report("at_" + "0" * 49, "rt_x") == [False, False]
    assert TerminalSession.objects.alive().count() == 1
