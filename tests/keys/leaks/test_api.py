"""POST /v1/keys/leaks: signed reports in GitHub's form, answered with its feedback and nothing more."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from accounts.actors import Actor
from accounts.models.invitation import Link
from keys.api_keys.services import revoke_key
from keys.formats import Prefix, new_secret
from keys.models import ApiKey, KeyPolicy, KeySecret, LeakReport
from tests.database.refusals import all_rows
from tests.keys.helpers.leak_reporter import LEAKS, URL, Scanner, found, hash_of, labels, write_keys
from tests.support.pages import signed_in, words
from tests.world import World, issued

pytestmark = pytest.mark.django_db
OURS, NOT_OURS = "true_positive", "false_positive"
# One query for each: keys, service credentials, terminals' tokens, personal tokens, invitations.
KINDS_OF_SECRETS = 7


@pytest.fixture
def path(tmp_path: Path, settings: Settings) -> Path:
    """The file of public keys; nothing is in it yet."""
    settings.LEAK_REPORT_KEYS = str(tmp_path / "keys.json")
    return tmp_path / "keys.json"


@pytest.fixture
def scanner(path: Path) -> Scanner:
    made = Scanner()
    write_keys(path, Scanner("another"), made)
    return made


def unknown() -> str:
    return new_secret(Prefix.PROJECT_KEY)


def is_revoked(key: ApiKey) -> bool:
    return ApiKey.objects.get(pk=key.pk).revoked_at is not None


def test_a_reported_key_is_revoked_and_the_answer_says_that_it_is_ours(
    world: World, scanner: Scanner
) -> None:
    answer = scanner.report(found(world.key_secret))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert answer["Cache-Control"] == "no-store"
    assert answer.json() == [
        {"token_hash": hash_of(world.key_secret), "token_type": "console_key", "label": OURS}
    ]
    assert is_revoked(world.key)
    assert not is_revoked(world.other_key)
    report = LeakReport.objects.get()
    assert (report.reporter, report.url, report.source) == ("scanner", URL, "content")


def test_every_kind_of_secret_is_distinguished_from_what_looks_like_one(
    world: World, credential: str, scanner: Scanner
) -> None:
    default = world.default.api_keys.default_key().secret_text
    links = [world.invitation.token(link) for link in Link]
    ours = [world.key_secret, default, credential, *links]
    typos = [text[:10] + ("a" if text[10] != "a" else "b") + text[11:] for text in ours]
    never_issued = [new_secret(prefix) for prefix in Prefix]
    answer = scanner.report(*[found(text) for text in (*ours, *typos, *never_issued)])
    assert labels(answer) == [OURS] * 5 + [NOT_OURS] * (5 + len(Prefix))


def test_the_answer_carries_no_secret(world: World, scanner: Scanner) -> None:
    answer = scanner.report(found(world.key_secret), found(unknown()))
    assert world.key_secret[3:20] not in answer.content.decode()
    assert b"pk_" not in answer.content


def test_ended_secrets_are_ours_and_nothing_more_happens(world: World, scanner: Scanner) -> None:
    revoke_key(actor=Actor.of_user(world.owner), key=world.key)
    before = all_rows()
    assert labels(scanner.report(found(world.key_secret))) == [OURS]
    assert all_rows() == before


def test_each_organization_gets_what_its_own_policy_asks(world: World, scanner: Scanner) -> None:
    KeyPolicy.objects.create(organization=world.other_organization, on_leak="notify")
    answer = scanner.report(found(world.other_key_secret), found(world.key_secret))
    assert labels(answer) == [OURS, OURS]
    assert is_revoked(world.key)
    assert not is_revoked(world.other_key)
    assert LeakReport.objects.count() == 2


def test_a_bad_entry_does_not_spoil_the_good_ones(world: World, scanner: Scanner) -> None:
    bad: list[Any] = [
        None, 7, "token", [], {}, {"token": None}, {"token": 7}, {"token": ""}, {"url": URL},
    ]  # fmt: skip
    odd = [
        found("\ud800"), found("x" * 5000), found("pk_\x00"), found(unknown(), url=7, type=None)
    ]  # fmt: skip
    good = found(world.key_secret, url="\x00https://x.example/\ud800 \u202e", source=["commit"])
    assert labels(scanner.report(*bad, *odd, good)) == [NOT_OURS] * 4 + [OURS]
    assert LeakReport.objects.get().url == "https://x.example/"


def test_a_token_listed_several_times_is_answered_each_time_and_reported_once_a_place(
    world: World, scanner: Scanner
) -> None:
    entries = [found(world.key_secret)] * 3 + [found(world.key_secret, url=f"{URL}#L7")]
    assert labels(scanner.report(*entries)) == [OURS] * 4
    assert LeakReport.objects.filter(secret__api_key=world.key, revoked=True).count() == 2


def test_a_thousand_entries_are_taken_in_a_few_queries_and_one_more_is_too_many(
    world: World, scanner: Scanner
) -> None:
    many = [found(unknown()) for _ in range(999)]
    with CaptureQueriesContext(connection) as few:
        scanner.report(found(unknown()))
    with CaptureQueriesContext(connection) as captured:
        assert labels(scanner.report(*many, found("pk_x"))) == [NOT_OURS] * 1000
    assert len(captured) == len(few) == KINDS_OF_SECRETS
    before = all_rows()
    answer = scanner.report(*many, found(world.key_secret), found("pk_x"))
    assert (answer.status_code, answer.json()["error"]["type"]) == (413, "request_too_large")
    assert all_rows() == before


def test_unknown_and_ended_secrets_ask_the_same_of_the_database(
    world: World, scanner: Scanner
) -> None:
    revoke_key(actor=Actor.of_user(world.owner), key=world.key)
    asked = []
    for token in ("x", unknown(), new_secret(Prefix.CREDENTIAL), world.key_secret):
        with CaptureQueriesContext(connection) as captured:
            scanner.report(found(token))
        asked.append(len(captured))
    assert asked == [KINDS_OF_SECRETS] * 4


@pytest.mark.parametrize(
    "changes",
    [
        {"signature": None},
        {"signature": ""},
        {"signature": "not base64"},
        {"signature": "AAAA"},
        {"signature": "é"},
        {"identifier": None},
        {"identifier": "nobody"},
        {"identifier": "another"},
        {"sent": b"[]"},
        {"sent": b""},
    ],
)
def test_what_is_not_signed_by_that_very_key_is_refused(
    world: World, scanner: Scanner, changes: dict[str, Any]
) -> None:
    before = all_rows()
    answer = scanner.report(found(world.key_secret), **changes)
    assert (answer.status_code, answer.json()["error"]["type"]) == (401, "authentication_error")
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert all_rows() == before


def test_a_body_with_one_byte_changed_is_refused(world: World, scanner: Scanner) -> None:
    body = json.dumps([found(world.key_secret)]).encode()
    for changed in (body + b" ", body.replace(b": ", b":", 1), body[:-2] + b"]}"):
        assert scanner.send(body, sent=changed).status_code == 401
    assert not is_revoked(world.key)


def test_another_curve_is_not_accepted(world: World, path: Path) -> None:
    scanner = Scanner(curve=ec.SECP384R1())
    write_keys(path, scanner)
    assert scanner.report(found(world.key_secret)).status_code == 503


def test_the_file_of_keys_is_read_again_when_it_changes(world: World, path: Path) -> None:
    old, new = Scanner("old"), Scanner("new")
    write_keys(path, old)
    assert [one.report(found("x")).status_code for one in (old, new)] == [200, 401]
    write_keys(path, old, new)
    assert [one.report(found("x")).status_code for one in (old, new)] == [200, 200]
    write_keys(path, new)
    assert [one.report(found("x")).status_code for one in (old, new)] == [401, 200]


@pytest.mark.parametrize(
    "content",
    [
        None, "", "{", "[]", "{}", "null", '{"public_keys": 7}', '{"public_keys": [7]}',
        '{"public_keys": [{"key": "x"}]}',
        '{"public_keys": [{"key_identifier": "scanner", "key": "no key"}]}',
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_the_operators_affair(
    world: World, path: Path, content: str | None
) -> None:
    if content is not None:
        path.write_text(content)
    answer = Scanner().report(found(world.key_secret))
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert str(path) not in answer.content.decode()
    assert not is_revoked(world.key)


def test_without_such_a_file_the_route_is_not_there(world: World) -> None:
    answer = Scanner().report(found(world.key_secret))
    elsewhere = Client().post("/v1/nothing", b"[]", content_type="application/json")
    assert (answer.status_code, answer.content) == (404, elsewhere.content)


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b" ", "application/json", 400),
        (b"[{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 9000, "application/json", 400),
        (b"7" * 9000, "application/json", 400),
        ('[{"token": "x"}]'.encode("utf-16"), "application/json", 400),
        (b'[{"token": "x", "token": "y"}]', "application/json", 400),
        (b"{}", "application/json", 422),
        (b"null", "application/json", 422),
        (b"[]", "application/json", 422),
        (b"[{}]", "text/plain", 415),
        (b"[{}]", "application/x-www-form-urlencoded", 415),
        (b"[" + b" " * 1_048_576 + b"]", "application/json", 413),
    ],
)
def test_a_signed_body_that_cannot_be_used_is_refused_with_a_reason(
    scanner: Scanner, body: bytes, content_type: str, status: int
) -> None:
    answer = scanner.send(body, content_type=content_type)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


def test_a_wrong_method_is_refused(client: Client, scanner: Scanner) -> None:
    for method in ("get", "put", "delete"):
        answer = getattr(client, method)(LEAKS)
        assert (answer.status_code, answer["Allow"]) == (405, "POST")


def test_someone_who_is_signed_in_as_well_does_not_count(world: World, scanner: Scanner) -> None:
    client = Client()
    client.force_login(world.stranger)
    body = json.dumps([found(world.key_secret)]).encode()
    headers = {
        "Github-Public-Key-Identifier": "scanner",
        "Github-Public-Key-Signature": scanner.signature(body),
    }
    answer = client.post(LEAKS, body, content_type="application/json", headers=headers)
    assert labels(answer) == [OURS]
    event = world.organization.audit_events.filter(act="key.revoked").get()
    assert (event.actor, event.actor_name) == (None, "Leak report (scanner)")
    assert event.client_ip == "127.0.0.1"
    assert event.request_id == answer["X-Request-Id"]


def test_many_keys_of_two_organizations_end_in_one_report(world: World, scanner: Scanner) -> None:
    made = [
        issued(project, owner, f"key {number}").secret
        for number in range(10)
        for project, owner in [
            (world.research, world.owner),
            (world.other_project, world.stranger),
        ]
    ]
    assert labels(scanner.report(*map(found, made))) == [OURS] * 20
    ended = KeySecret.objects.by_text(made).values()
    assert all(is_revoked(secret.api_key) for secret in ended)


def test_the_history_of_a_report_is_that_of_its_key(world: World, scanner: Scanner) -> None:
    scanner.report(found(world.key_secret))
    page = reverse("admin:keys_leakreport_history", args=[LeakReport.objects.get().pk])
    text = words(signed_in(world.staff).get(page))
    assert "API key created" in text
    assert "API key revoked" in text
    assert "Organization created" not in text
