"""Logs: one line of JSON a request, with its id; no secret of ours in any of them."""

import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.actors import Actor
from accounts.models import FactorReset
from accounts.models.invitation import Link
from accounts.people.services.people import change_profile
from accounts.support.services.factor_resets import build_cancel_url
from accounts.unsubscribe import build_unsubscribe_url
from console.operations.logs import log_uncaught_exceptions, mask_server_logs
from keys.formats import Prefix, new_secret
from tests.world import PASSWORD, build_world

pytestmark = pytest.mark.django_db


class Lines:
    """What the handler of the root logger would have written."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    def parsed(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    def of(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.parsed() if line["event"] == event]


@pytest.fixture
def lines() -> Iterator[Lines]:
    root, found = logging.getLogger(), Lines()
    ours = next(h for h in root.handlers if type(h.formatter).__name__ == "MaskingFormatter")
    handler, level = logging.StreamHandler(found.stream), root.level
    handler.setFormatter(ours.formatter)
    handler.filters = ours.filters
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield found
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.parametrize(
    ("path", "status"), [("/healthz", 200), ("/no/such/thing/", 404), ("/accounts/profile/", 302)]
)
def test_a_request_is_one_line_with_its_id(
    client: Client, lines: Lines, path: str, status: int
) -> None:
    response = client.get(path)
    (line,) = lines.parsed()
    assert line["event"] == "request"
    assert line["request_id"] == response["X-Request-Id"]
    assert (line["method"], line["path"], line["status"]) == ("GET", path, status)
    assert line["ms"] >= 0
    assert line["timestamp"].endswith("Z")


@pytest.mark.django_db(transaction=True)
def test_an_act_is_logged_under_the_id_of_its_request(client: Client, lines: Lines) -> None:
    world = build_world()
    client.force_login(world.owner)
    lines.stream.truncate(0)
    lines.stream.seek(0)
    response = client.post(
        reverse("collaborator_add", args=[world.research.slug]),
        {"email": world.member.email, "role": "member"},
    )
    assert response.status_code == 302
    (act,) = lines.of("collaborator.added")
    (request,) = lines.of("request")
    assert act["request_id"] == request["request_id"] == response["X-Request-Id"]
    assert request["user"] == world.owner.public_id
    event = world.organization.audit_events.latest("pk")
    assert event.request_id == request["request_id"]


@pytest.mark.django_db(transaction=True)
def test_an_act_that_is_rolled_back_is_not_logged(lines: Lines) -> None:
    world = build_world()
    lines.stream.truncate(0)
    lines.stream.seek(0)
    actor = Actor.of_user(world.owner)
    with transaction.atomic():
        change_profile(actor=actor, name="Somebody Else")
        transaction.set_rollback(True)
    assert lines.of("user.profile_changed") == []
    change_profile(actor=actor, name="Somebody Else")
    assert len(lines.of("user.profile_changed")) == 1


def test_a_request_says_who_it_is_from(client: Client, lines: Lines) -> None:
    world = build_world()
    client.force_login(world.owner)
    client.get(reverse("collaborators", args=[world.research.slug]), REMOTE_ADDR="203.0.113.9")
    page = lines.of("request")[-1]
    assert page["ip"] == "203.0.113.9"
    assert (page["user"], page["key"]) == (world.owner.public_id, None)
    assert page["organization"] == world.organization.public_id
    client.get("/v1/projects", headers={"Authorization": f"Bearer {world.key_secret}"})
    call = lines.of("request")[-1]
    assert (call["key"], call["organization"]) == (
        world.key.public_id,
        world.organization.public_id,
    )
    Client().get("/v1/projects")
    assert {lines.of("request")[-1][name] for name in ("user", "organization", "key")} == {None}


@pytest.mark.parametrize("path", ["/fails/503/", "/disconnected/", "/v1/fails/503/"])
def test_an_outage_is_two_short_lines(
    lines: Lines, settings: pytest.FixtureRequest, path: str
) -> None:
    """The reason with our line of code, and the request: a traceback would take 10 kB each time."""
    settings.ROOT_URLCONF = "tests.console.helpers.error_urls"  # type: ignore[attr-defined]
    response = Client(raise_request_exception=False).get(path)
    assert response.status_code == 503
    outage, request = lines.parsed()
    assert outage["event"].startswith(f"Service Unavailable: {path} (")
    assert outage["level"] == "warning"
    assert "tests/console/helpers/error_urls.py:" in outage["event"]
    assert outage["request_id"] == request["request_id"] == response["X-Request-Id"]
    assert request["status"] == 503
    assert len(lines.text) < 1_000


def test_a_crash_is_logged_with_where_it_happened(
    lines: Lines, settings: pytest.FixtureRequest
) -> None:
    settings.ROOT_URLCONF = "tests.console.helpers.error_urls"  # type: ignore[attr-defined]
    response = Client(raise_request_exception=False).get("/fails/500/")
    assert response.status_code == 500
    crash = next(line for line in lines.parsed() if line["level"] == "error")
    assert crash["request_id"] == response["X-Request-Id"]
    assert 'error_urls.py", line' in json.dumps(crash).replace("\\", "")


@pytest.mark.parametrize("link", list(Link))
def test_the_secret_of_an_invitation_is_in_no_line(
    client: Client, lines: Lines, link: Link
) -> None:
    invitation = build_world().invitation
    token = invitation.token(link)
    client.get(reverse("invitation", args=[token]))
    client.post(reverse("invitation_accept", args=[token]))
    client.get(reverse("account_signup"), {"invitation": token})
    logging.getLogger("anywhere").warning("%s in a message", token)
    structlog.get_logger("anywhere").warning("words", link=invitation.url(link), inside=[token])
    assert token not in lines.text
    assert token[20:] not in lines.text
    assert "inv_…" in lines.text or "inv_\\u2026" in lines.text


def test_the_key_of_a_password_reset_is_in_no_line(client: Client, lines: Lines) -> None:
    client.get("/accounts/password/reset/key/1-abcdef-0123456789abcdef/")
    assert "0123456789abcdef" not in lines.text


def test_a_link_to_unsubscribe_is_in_no_line(client: Client, lines: Lines) -> None:
    link = build_unsubscribe_url(build_world().owner, "key_ending")
    client.get(link)
    assert link.rstrip("/").rsplit("/", 1)[1] not in lines.text
    assert lines.of("request")


def test_a_link_to_cancel_a_factor_reset_is_in_no_line(client: Client, lines: Lines) -> None:
    link = build_cancel_url(FactorReset(public_id="reset_AbcdefghijklmnopqrsT"))
    client.get(link)
    assert link.split("/")[-3] not in lines.text
    assert "/accounts/factor-reset/reset_AbcdefghijklmnopqrsT/" in lines.text


def test_uncaught_exceptions_and_warnings_are_lines(
    lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name in ((sys, "excepthook"), (threading, "excepthook")):
        monkeypatch.setattr(module, name, getattr(module, name))
    log_uncaught_exceptions()
    try:
        error = ValueError("in a thread")
        thread = threading.Thread(target=lambda: (_ for _ in ()).throw(error))
        thread.start()
        thread.join()
        sys.excepthook(RuntimeError, RuntimeError("at the end"), None)
    finally:
        logging.captureWarnings(capture=False)
    first, second = lines.of("uncaught exception")
    assert "ValueError: in a thread" in first["exception"]
    assert "RuntimeError: at the end" in second["exception"]


def test_a_password_is_in_no_line(client: Client, lines: Lines) -> None:
    world = build_world()
    for password in (PASSWORD, "wrong but long enough to be one"):
        client.post(reverse("account_login"), {"login": world.owner.email, "password": password})
        assert password not in lines.text


def test_a_line_feed_in_an_address_does_not_make_a_second_line(
    client: Client, lines: Lines
) -> None:
    client.get("/no%0A%7B%22event%22:%22request%22%7D/")
    assert len(lines.text.splitlines()) == 1


def test_what_the_web_server_cannot_read_of_a_request_is_masked_in_its_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = logging.StreamHandler(io.StringIO())
    own.setFormatter(logging.Formatter("[%(levelname)s] %(message)s"))
    logger = logging.getLogger("gunicorn.error")
    monkeypatch.setattr(logger, "handlers", [own])
    mask_server_logs()
    secret = new_secret(Prefix.PROJECT_KEY)
    logger.warning("Invalid HTTP Header: %r", f"Authorization Bearer {secret}")
    line = own.stream.getvalue()
    assert line == "[WARNING] Invalid HTTP Header: 'Authorization Bearer pk_…'\n"
