"""What becomes of personal access tokens found in public: they are revoked, and their people told."""

from typing import Any

import pytest

from accounts.enums import Action
from accounts.models import AuditEvent
from accounts.web.mail_text import WORD_JOINER
from tests.keys.helpers.api_client import call
from tests.keys.helpers.leak_reporter import URL, report
from tests.keys.helpers.personal_tokens import made
from tests.support.mail import mailed, mailed_to
from tests.world import World

pytestmark = pytest.mark.django_db


def test_a_leaked_token_is_revoked_and_its_owner_notified(
    world: World, mailoutbox: list[Any]
) -> None:
    leaked, stays = made(world.external, world.research), made(world.member, world.default)
    mailed()
    mailoutbox.clear()
    assert report(leaked.secret) == [True]
    assert [call("/v3/whoami", one.secret).status_code for one in (leaked, stays)] == [401, 200]
    (mail,) = mailed_to(world.external.email)
    assert mail.subject == "Revoked: your access token nightly was found in public"
    assert URL in mail.body.replace(WORD_JOINER, "")
    assert leaked.secret not in mail.body
    event = AuditEvent.objects.get(act=Action.TOKEN_REVOKED)
    assert (event.organization, event.values_after) == (world.organization, {"found_at": [URL]})
    # Reported again, nothing more happens.
    assert report(leaked.secret) == [True]
    assert len(mailed()) == 1


def test_a_token_that_was_never_issued_is_none_of_ours(world: World) -> None:
    assert report("ut_" + "0" * 49) == [False]
