"""What gateways are told of a key: good or not, why not, of whom; strictly, in one query."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actors import Actor
from accounts.organizations.services.closing import close_organization
from accounts.support.services.support import reopen_organization, suspend_organization
from console.web.middleware import HotRoutesMiddleware
from keys.api_keys.services import (
    cancel_expiration,
    finish_rotation,
    revoke_key,
    rotate_key,
    set_expiration,
    undo_rotation,
)
from keys.credentials.services import revoke_credential
from keys.models import ApiKey, ServiceCredential
from projects.services.archive import archive_project, restore_project
from tests.keys.helpers.gateway_client import AUTH, VERIFY, auth, code_of, queries_of, verify
from tests.support.clock import DAY, set_clock
from tests.world import World, issued

pytestmark = pytest.mark.django_db
OWN_HEADERS = ("X-Organization-Id", "X-Project-Id", "X-Api-Key-Id")


def test_a_good_key_is_said_to_be_whose_it_is(world: World, credential: str) -> None:
    answer = verify(credential, world.key_secret)
    assert answer.status_code == 200
    assert answer.json() == {
        "valid": True,
        "code": "valid",
        "key_id": world.key.public_id,
        "key_name": "notebooks",
        "project_id": world.research.public_id,
        "project_slug": "research",
        "organization_id": world.organization.public_id,
        "expires_at": None,
    }
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Request-Id"]
    assert answer["Content-Length"] == str(len(answer.content))
    other = verify(credential, world.other_key_secret).json()
    assert other["organization_id"] == world.other_organization.public_id


def test_an_expiry_is_in_utc(world: World, credential: str) -> None:
    end = (timezone.now() + DAY).replace(microsecond=0)
    key = issued(world.research, world.owner, "ending", expires_at=end)
    told = verify(credential, key.secret).json()["expires_at"]
    assert dt.datetime.fromisoformat(told) == end
    assert told.endswith("Z")


def test_forward_authentication_answers_with_three_headers_and_no_body(world: World) -> None:
    answer = auth(world.key_secret)
    assert (answer.status_code, answer.content) == (200, b"")
    assert [answer[name] for name in OWN_HEADERS] == [
        world.organization.public_id,
        world.research.public_id,
        world.key.public_id,
    ]
    default = world.default.api_keys.default_key()
    assert auth(default.secret_text)["X-Api-Key-Id"] == default.public_id


def revoked(world: World) -> None:
    revoke_key(actor=Actor.of_user(world.owner), key=world.key)


def expired(world: World) -> None:
    ApiKey.objects.filter(pk=world.key.pk).update(
        created_at=world.key.created_at, expires_at=timezone.now()
    )


def archived(world: World) -> None:
    archive_project(actor=Actor.of_user(world.owner), project=world.research)


def suspended(world: World) -> None:
    suspend_organization(
        actor=Actor.of_user(world.staff), organization=world.organization, reason="Unpaid."
    )


def closed(world: World) -> None:
    close_organization(actor=Actor.of_user(world.owner), organization=world.organization)


def rotated(world: World) -> None:
    rotate_key(actor=Actor.of_user(world.owner), key=world.key, overlap=dt.timedelta())


REFUSED: dict[str, Callable[[World], None]] = {
    "revoked": revoked,
    "expired": expired,
    "project_archived": archived,
    "organization_suspended": suspended,
}


@pytest.mark.parametrize("code", REFUSED)
def test_each_reason_to_refuse_has_its_code(world: World, credential: str, code: str) -> None:
    REFUSED[code](world)
    answer = verify(credential, world.key_secret)
    assert (answer.status_code, answer.json()) == (200, {"valid": False, "code": code})
    refused = auth(world.key_secret)
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, code)
    assert not any(name in refused for name in OWN_HEADERS)
    assert code_of(credential, world.other_key_secret) == "valid"


def test_a_closed_organization_and_a_replaced_secret_are_refused(
    world: World, credential: str
) -> None:
    rotated(world)
    assert code_of(credential, world.key_secret) == "revoked"
    default = world.default.api_keys.default_key().secret_text
    closed(world)
    assert code_of(credential, default) == "organization_suspended"


def test_what_was_frozen_works_again_afterwards(world: World, credential: str) -> None:
    archived(world)
    restore_project(actor=Actor.of_user(world.owner), project=world.research)
    suspended(world)
    reopen_organization(
        actor=Actor.of_user(world.staff), organization=world.organization, reason="Paid."
    )
    assert code_of(credential, world.key_secret) == "valid"


def test_both_secrets_work_while_a_key_is_rotated(
    world: World, credential: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor, key, start = Actor.of_user(world.owner), world.key, timezone.now()
    new = rotate_key(actor=actor, key=key, overlap=DAY).secret
    assert [code_of(credential, one) for one in (world.key_secret, new)] == ["valid", "valid"]
    set_clock(monkeypatch, start + 2 * DAY)
    assert [code_of(credential, one) for one in (world.key_secret, new)] == ["revoked", "valid"]


def test_a_rotation_can_be_finished_at_once_or_undone(world: World, credential: str) -> None:
    actor, key = Actor.of_user(world.owner), world.key
    new = rotate_key(actor=actor, key=key, overlap=DAY).secret
    undo_rotation(actor=actor, key=key)
    assert [code_of(credential, one) for one in (world.key_secret, new)] == ["valid", "revoked"]
    newer = rotate_key(actor=actor, key=key, overlap=DAY).secret
    finish_rotation(actor=actor, key=key)
    assert [code_of(credential, one) for one in (world.key_secret, newer)] == ["revoked", "valid"]


def test_an_expiry_holds_from_its_moment_on_and_can_be_moved(
    world: World, credential: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = timezone.now() + DAY
    set_expiration(actor=Actor.of_user(world.owner), key=world.key, expires_at=end)
    set_clock(monkeypatch, end - dt.timedelta(microseconds=1))
    assert code_of(credential, world.key_secret) == "valid"
    set_clock(monkeypatch, end)
    assert code_of(credential, world.key_secret) == "expired"
    cancel_expiration(actor=Actor.of_user(world.owner), key=world.key)
    assert code_of(credential, world.key_secret) == "valid"


def not_found(world: World) -> str:
    from keys.formats import Prefix, new_secret  # the one test that makes a key nobody issued

    return new_secret(Prefix.PROJECT_KEY)


MALFORMED = ["", "pk_", "x", "pk_" + "0" * 49, "pk_" + "é" * 49, "\ud800", " " * 52, "pk_" * 500]


def test_a_key_that_was_never_issued_is_not_found(world: World, credential: str) -> None:
    key = not_found(world)
    assert code_of(credential, key) == "not_found"
    assert (auth(key).status_code, auth(key).json()["error"]["code"]) == (401, "not_found")


@pytest.mark.parametrize("key", MALFORMED)
def test_what_cannot_be_a_key_is_malformed(world: World, credential: str, key: str) -> None:
    assert code_of(credential, key) == "malformed"


@pytest.mark.parametrize("kind", ["credential", "invitation"])
def test_a_secret_of_another_kind_is_no_key(world: World, credential: str, kind: str) -> None:
    from accounts.models.invitation import Link

    text = credential if kind == "credential" else world.invitation.token(Link.MAILED)
    assert code_of(credential, text) == "malformed"
    assert auth(text).status_code == 401


def test_one_query_whatever_the_answer(world: World, credential: str) -> None:
    secrets = [world.key_secret, world.other_key_secret, not_found(world)]
    assert [queries_of(lambda key=key: verify(credential, key)) for key in secrets] == [1, 1, 1]
    assert [queries_of(lambda key=key: auth(key)) for key in secrets] == [1, 1, 1]
    revoked(world)
    assert queries_of(lambda: verify(credential, world.key_secret)) == 1


@pytest.mark.parametrize("key", ["", *MALFORMED[1:5]])
def test_a_wrong_checksum_costs_no_query_for_the_key(
    world: World, credential: str, key: str
) -> None:
    assert queries_of(lambda: auth(key.encode().decode("latin-1"))) == 0
    with CaptureQueriesContext(connection) as captured:
        verify(credential, key)
    assert ["keys_keysecret" in query["sql"] for query in captured] == [False]


def test_without_a_good_credential_nothing_is_disclosed(world: World, credential: str) -> None:
    typo = credential[:-1] + ("y" if credential.endswith("x") else "x")
    for wrong in ("", "x", world.key_secret, typo, not_found(world)):
        answer = verify(wrong, world.key_secret)
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert answer.json()["error"]["type"] == "authentication_error"
    revoke_credential(actor=Actor.of_user(world.staff), credential=ServiceCredential.objects.get())
    for key in (world.key_secret, "malformed"):
        assert verify(credential, key).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("get", VERIFY, "POST"), ("delete", VERIFY, "POST"), ("post", AUTH, "GET, HEAD")],
)
def test_a_wrong_method_is_refused_in_the_form_of_the_api(
    client: Any, method: str, path: str, allowed: str
) -> None:
    answer = getattr(client, method)(path)
    assert (answer.status_code, answer["Allow"]) == (405, allowed)
    assert answer.json()["error"]["type"] == "method_not_allowed"


def test_another_host_is_refused_and_no_cookie_is_set(client: Any, world: World) -> None:
    headers = {"authorization": f"Bearer {world.key_secret}", "host": "elsewhere.example"}
    assert client.get(AUTH, headers=headers).status_code == 400
    assert not auth(world.key_secret).cookies


def test_a_refusal_asked_for_with_head_has_no_body_for_the_server_to_drop() -> None:
    """gunicorn would warn of each in its log, and nginx asks with HEAD."""

    def ask(method: str) -> HttpResponseBase:
        request = RequestFactory().generic(method, AUTH)
        return HotRoutesMiddleware(lambda _: HttpResponse())(request)

    full, bare = ask("GET"), ask("HEAD")
    assert isinstance(bare, HttpResponse)
    assert (bare.status_code, bare.content) == (401, b"")
    assert bare["Content-Length"] == full["Content-Length"] != "0"
