"""A service account token found in public is revoked, with what was created with it."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.actors import Actor
from accounts.models import OutgoingMail
from keys.leaks.services.reports import Finding, report_leaks
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.api_client import call, error_of, send
from tests.keys.helpers.personal_tokens import made
from tests.keys.helpers.service_accounts import acting_account, create_account
from tests.keys.service_accounts.test_api import accounts_of
from tests.projects.api.callers import WRITE
from tests.world import World

pytestmark = pytest.mark.django_db
LEAKED: dict[str, Callable[[World], str]] = {
    "service account token": lambda w: acting_account(w.owner, w.research)[1],
    "admin API key": lambda w: issue_admin_key(w.owner, w.organization).secret,
    "personal token": lambda w: made(w.owner, w.research, scope=WRITE).secret,
}


def report(secret: str) -> list[bool]:
    findings = [Finding(secret, url="https://gists.example/1")]
    actor = Actor.without_account("scanner")
    return report_leaks(actor=actor, reporter="scanner", findings=findings)


def is_revoked(secret: str) -> bool:
    answer = call("/v3/whoami", secret)
    return bool(answer.status_code == 401 and error_of(answer)["code"] == "revoked")


@pytest.mark.parametrize("kind", LEAKED)
def test_it_is_revoked_with_the_tokens_created_with_it(world: World, kind: str) -> None:
    secret = LEAKED[kind](world)
    account = create_account(world.owner, world.research, "Build")
    path = f"{accounts_of(world.research)}/{account.public_id}/tokens"
    child: Any = send(path, secret, {"name": "child"}).json()
    grandchild = send(path, child["value"], {"name": "grandchild"}).json()
    spared = acting_account(world.admin, world.research, "Spared")[1]
    assert report(secret) == report(secret) == [True]
    for leaked in (secret, child["value"], grandchild["value"]):
        assert is_revoked(leaked)
    assert call("/v3/whoami", spared).status_code == 200


def test_the_owner_is_notified_once(world: World) -> None:
    _, secret = acting_account(world.owner, world.research, "Build")
    report(secret), report(secret)
    subject = "Revoked: the token deploy of a service account was found in public"
    mails = OutgoingMail.objects.filter(subject=subject)
    assert [mail.to for mail in mails] == [world.owner.email]
    assert secret not in mails[0].body
