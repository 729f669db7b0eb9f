"""No secret that was made and used is found anywhere afterwards: files, logs, queue, mails, pages."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse

from accounts.actors import Actor
from accounts.models import Invitation
from accounts.models.invitation import Link
from keys.credentials.services import create_credential
from keys.formats import API_KEY
from tests.keys.helpers.terminal_client import ask, of
from tests.load.browser import Browser
from tests.load.server import Server, serving
from tests.support.mail import mailed
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
BODY = slice(3, 46)  # of a key: the random part alone


@pytest.fixture
def server(world: World, tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path, workers=2, urlconf="tests.load.failing_urls") as server:
        yield server


@dataclass(frozen=True)
class Numbers:
    """How many of each are made."""

    keys: int
    credentials: int
    invitations: int


@pytest.fixture
def numbers(long_run: bool) -> Numbers:
    """With `--long` more than a hundred secrets."""
    return Numbers(60, 10, 15) if long_run else Numbers(9, 2, 3)


@dataclass
class Made:
    """Everything secret that the test has made."""

    keys: list[str] = field(default_factory=list)
    credentials: list[str] = field(default_factory=list)
    invitations: list[Invitation] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    @property
    def links(self) -> list[str]:
        return [one.token(kind) for one in self.invitations for kind in Link]

    @property
    def secrets(self) -> list[str]:
        return [*self.keys, *self.credentials, *self.links, *self.tokens]


def shown_in(page: str) -> str:
    """The one secret that a page shows."""
    found = set(API_KEY.findall(page))
    assert len(found) == 1, found
    return str(found.pop())


def make_everything(world: World, browser: Browser, numbers: Numbers) -> Made:
    made, slug = Made(), world.research.slug
    for number in range(numbers.keys):
        page = browser.post(reverse("api_key_create", args=[slug]), name=f"key {number}")
        made.keys.append(shown_in(page))
    for key in world.research.api_keys.listed().order_by("-pk")[: numbers.keys // 3]:
        page = browser.post(reverse("api_key_rotate", args=[slug, key.public_id]), overlap="24")
        made.keys.append(shown_in(page))
    for act in ("default_key_regenerate", "default_key_reveal"):
        page = browser.post(reverse(act, args=[world.organization.slug]))
        made.keys.append(shown_in(page))
    made.credentials = [
        create_credential(actor=Actor.of_user(world.staff), name=f"gateway {number}").secret
        for number in range(numbers.credentials)
    ]
    addresses = ", ".join(
        f"guest{number}@elsewhere.example" for number in range(numbers.invitations)
    )
    invite = reverse("member_invite", args=[world.organization.slug])
    browser.post(invite, emails=addresses, role="member")
    made.invitations = list(Invitation.objects.filter(email__startswith="guest"))
    assert len(made.invitations) == numbers.invitations
    for _ in range(numbers.credentials):
        asking = ask()
        asking.answer(world.owner)
        terminal = of(asking.poll())
        token = terminal.project_token(world.research)
        made.tokens += [asking.device_code, terminal.access, terminal.refresh, token]
    return made


def use_everything(made: Made, browser: Browser) -> None:
    """As programs do, and as people do who put them where they do not belong."""
    for number, key in enumerate(made.keys):
        bearer = {"Authorization": f"Bearer {key}"}
        assert browser.get("/v1/auth", **bearer) == ""
        credential = made.credentials[number % len(made.credentials)]
        assert '"valid": true' in asked(browser, credential, key)
    for token in made.tokens:
        told = browser.get("/v3/whoami", Authorization=f"Bearer {token}")
        assert ('"type":"user_' in told) == (token[:2] in ("at", "pt"))
    for secret in made.secrets:
        bearer = {"Authorization": f"Bearer {secret}"}
        for path in (f"/v1/{secret}", f"/settings/projects/{secret}/", f"/no/{secret}", "/no/way"):
            browser.get(path, **bearer)
        browser.get(f"/invitations/{secret}/")
        if secret in made.links:
            browser.said.pop()  # the page of that very link, whose buttons lead below it
        browser.get(f"/v1/auth?key={secret}")
        browser.get(f"/fails/{secret}", **bearer)
        browser.get(f"/v1/fails/{secret}", **bearer)
        failing(browser, secret)


def asked(browser: Browser, credential: str, key: str) -> str:
    return posted(browser, "/v1/keys/verify", {"key": key}, Authorization=f"Bearer {credential}")


def failing(browser: Browser, secret: str) -> None:
    said = posted(browser, "/v1/fails/now", {"key": secret}, Authorization=f"Bearer {secret}")
    assert "Something went wrong" in said


def posted(browser: Browser, path: str, body: dict[str, str], **headers: str) -> str:
    from urllib.request import Request

    given = {"Content-Type": "application/json", **headers}
    return browser.send(Request(browser.server.url + path, json.dumps(body).encode(), given))


def look_everywhere(world: World, browser: Browser, staff: Browser) -> list[str]:
    """What the pages say afterwards, the CSV among them."""
    organization, project = [world.organization.slug], [world.research.slug]
    first = world.research.api_keys.listed().order_by("-pk")[0]
    paths = [
        *(reverse(name, args=project) for name in ("project", "api_keys", "collaborators")),
        *(reverse(name, args=organization) for name in ("organization", "members", "audit_log")),
        *(reverse(name, args=organization) for name in ("organization_keys", "default_key")),
        reverse("audit_log", args=organization) + "?format=csv",
        reverse("organization_keys", args=organization) + "?format=csv",
        reverse("api_key_rotate", args=[*project, first.public_id]),
        reverse("search") + "?q=key",
        *(reverse("terminals"), reverse("organization_settings", args=organization)),
    ]
    of_staff = [
        reverse(f"admin:{name}_changelist")
        for name in (
            "accounts_auditevent", "accounts_outgoingmail", "keys_apikey", "keys_servicecredential",
        )
    ]  # fmt: skip
    return [browser.get(path) for path in paths] + [staff.get(path) for path in of_staff]


def files_of_the_database() -> Iterator[Path]:
    """All of them: tables, write-ahead logs, the cache, what the server logged."""
    if connection.vendor == "sqlite":
        for alias in ("default", "cache"):
            name = Path(settings.DATABASES[alias]["NAME"])
            yield from name.parent.glob(f"{name.name}*")
        return
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute("SHOW data_directory")
        (directory,) = cursor.fetchone()
    yield from (path for path in Path(directory).parent.rglob("*") if path.is_file())


def found_in(text: bytes, secrets: list[str]) -> list[str]:
    return [one[:7] for one in secrets if one.encode() in text or one[BODY].encode() in text]


def mails() -> dict[str, str]:
    """What each address was sent."""
    found: dict[str, str] = {}
    for one in mailed():
        found[one.to[0]] = found.get(one.to[0], "") + f"{one.subject}\n{one.body}\n"
    return found


def test_no_secret_is_found_anywhere_afterwards(
    world: World, server: Server, numbers: Numbers
) -> None:
    browser, staff = Browser(server, world.owner), Browser(server, world.staff)
    made = make_everything(world, browser, numbers)
    browser.said.clear()
    use_everything(made, browser)
    answers = "".join(browser.said) + "".join(look_everywhere(world, browser, staff))
    assert found_in(answers.encode(), made.secrets) == []
    log = server.log.read_bytes()
    assert b"cannot work with" in log
    assert b"Traceback" in log
    assert found_in(log, made.secrets) == []
    sent = mails()
    for invitation in made.invitations:
        # The one mail that holds a secret: an invitation its own link.
        assert re.findall(r"inv_\w+", sent.pop(invitation.email)) == [invitation.token(Link.MAILED)]
    assert sent
    assert found_in("".join(sent.values()).encode(), made.secrets) == []
    files = list(files_of_the_database())
    assert files
    for path in files:
        assert found_in(path.read_bytes(), made.secrets) == [], path
