"""The bad inputs that once came through when the console was attacked, and those around them, over HTTP."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.enums import Action
from accounts.models import AuditEvent, Invitation, OutgoingMail, User
from keys.models import AccessToken, PersonalToken
from tests.keys.helpers.api_client import call, send
from tests.keys.helpers.leak_reporter import Scanner, write_keys
from tests.keys.helpers.terminal_client import ask, logged_in, post, refusal
from tests.support.clock import set_clock
from tests.support.mail import mailed_to
from tests.support.pages import freshly_signed_in, signed_in
from tests.usage.helpers.event_client import EVENTS, event, of_user, pipe
from tests.usage.helpers.event_client import post as post_usage
from tests.usage.helpers.reattribution_setup import flip, of_key, recent
from tests.world import PASSWORD, World, build_world

pytestmark = pytest.mark.django_db
GOOD = "correct horse battery staple"
WEAK = (
    *("password1234567", " " * 15, "a" * 15, "demo-console-2026", "{email}", "123456789012345"),
    "short",
)
INVISIBLE = (
    "\u3164",
    "\u2800\u2800",
    "\u115f",
    "a\u200bb",
    "\u202eevil",
    "a\x00b",
    " \t ",
    "\ufeff",
)


@pytest.fixture
def world() -> World:
    return build_world()


# --- Methods, headers and caches -------------------------------------------------------------------
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "FOO"])
@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/profile/", "/admin/", "/device/"])
def test_a_wrong_method_is_405_for_everyone(world: World, method: str, path: str) -> None:
    for person in (None, world.owner, world.staff):
        browser = Client(enforce_csrf_checks=True)
        if person:
            browser.force_login(person)
        answer = browser.generic(method, path)
        assert (answer.status_code, "GET" in answer["Allow"]) == (405, True)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("PUT", "/v1/auth", 405), ("FOO", "/v1/keys/verify", 405), ("GET", "/v1/auth", 401)],
)
def test_refusals_of_the_hot_routes_carry_the_protecting_headers(
    method: str, path: str, status: int
) -> None:
    answer = Client(raise_request_exception=False).generic(method, path)
    assert answer.status_code == status
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("headers", [{}, {"X-Dialog": "1"}])
def test_no_answer_to_a_signed_in_person_may_be_stored(
    world: World, headers: dict[str, str]
) -> None:
    browser, profile = signed_in(world.owner), reverse("profile")
    names = ("Another Name", INVISIBLE[0])
    answers = [browser.post(profile, {"name": name}, headers=headers) for name in names]
    answers += [browser.get(path, headers=headers) for path in (profile, "/no/such/page/")]
    for answer in answers:
        assert "no-store" in answer["Cache-Control"]
        assert "Cookie" in answer["Vary"]


# --- What Django admin can be asked ----------------------------------------------------------------
@pytest.mark.parametrize(
    "query",
    [
        "email=owner@northwind.example&password__startswith=pbkdf2",
        "password__regex=^p",
        "date_joined__year=99999999",
        "memberships__user__password__contains=a",
        "e=1&o=password",
    ],
)
def test_a_list_of_django_admin_answers_no_question_about_hidden_columns(
    world: World, query: str
) -> None:
    browser = signed_in(world.staff)
    answer = browser.get(f"/admin/accounts/user/?{query}")
    assert answer.status_code in (200, 302, 400)
    # Otherwise the parameters were ignored, so everyone is listed.
    if answer.status_code == 200:
        assert answer.context["cl"].result_count == User.objects.count()


def test_django_admin_changes_no_password(world: World) -> None:
    form = {"old_password": PASSWORD, "new_password1": GOOD, "new_password2": GOOD}
    for path in ("/admin/password_change/", "/admin/password_change/done/"):
        assert signed_in(world.staff).post(path, form).status_code in (302, 405)
    assert User.objects.get(pk=world.staff.pk).check_password(PASSWORD)


# --- What was granted and not taken ----------------------------------------------------------------
def change_password(user: User) -> None:
    form = {"oldpassword": PASSWORD, "password1": GOOD, "password2": GOOD}
    assert signed_in(user).post(reverse("account_change_password"), form).status_code == 302


def reset_password(user: User) -> None:
    path, browser = read_reset_link(user), Client()
    form = browser.get(path, follow=True).redirect_chain[-1][0]
    assert browser.post(form, {"password1": GOOD, "password2": GOOD}).status_code == 302


def end_all_terminals(user: User) -> None:
    assert freshly_signed_in(user).post(reverse("terminals_end_all")).status_code == 302


def read_reset_link(user: User) -> str:
    Client().post(reverse("account_reset_password"), {"email": user.email})
    link = re.search(
        r"http://[^/]+(/accounts/password/reset/key/\S+)", mailed_to(user.email)[-1].body
    )
    assert link
    return link[1]


ENDINGS: list[Callable[[User], None]] = [change_password, reset_password, end_all_terminals]


@pytest.mark.parametrize("end", ENDINGS)
def test_a_login_approved_before_is_not_taken_after(
    world: World, end: Callable[[User], None]
) -> None:
    terminal, approved = logged_in(world.member), ask()
    assert approved.answer(world.member).status_code == 302
    end(world.member)
    assert refusal(approved.poll()) in ("access_denied", "expired_token", "invalid_grant")
    assert refusal(terminal.renew()) == "invalid_grant"
    assert not AccessToken.objects.unended().filter(session__ended_at=None).exists()


def test_a_reset_link_does_not_outlive_a_new_password(world: World) -> None:
    link = read_reset_link(world.member)
    change_password(world.member)
    answer = Client().get(link, follow=True)
    assert answer.redirect_chain == []
    assert User.objects.get(pk=world.member.pk).check_password(GOOD)


def test_a_lowered_role_ends_tokens_that_do_not_wake_up_again(world: World) -> None:
    form = {"name": "nightly", "place": world.research.public_id, "scope": "read", "days": "30"}
    answer = freshly_signed_in(world.admin).post(reverse("access_token_create"), form)
    secret = str(answer.context["secret"])
    assert call("/v3/whoami", secret).status_code == 200
    path = reverse("member_role", args=[world.organization.slug, world.admin.public_id])
    for role in ("member", "admin"):
        assert signed_in(world.owner).post(path, {"role": role}).status_code == 302
        assert call("/v3/whoami", secret).status_code == 401
    assert PersonalToken.objects.get().revoked_at is not None


# --- Limits ----------------------------------------------------------------------------------------
def test_a_throttled_sign_in_is_429(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, timezone.now())
    client, form = Client(), {"login": world.member.email, "password": "wrong"}
    answers = [client.post(reverse("account_login"), form) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_a_stranger_gets_few_invitations_however_they_are_sent(
    world: World, settings: Settings
) -> None:
    settings.INVITATIONS_PER_RECIPIENT, settings.INVITATIONS_PER_DAY_NEW = 5, 40
    browser, path = signed_in(world.owner), reverse("member_invite", args=["northwind"])
    stranger, statuses = "stranger@elsewhere.example", set()
    for _ in range(12):
        browser.post(path, {"emails": stranger, "role": "member"})
        for invitation in Invitation.objects.pending().filter(email=stranger):
            resend = reverse("member_invitation_resend", args=["northwind", invitation.public_id])
            statuses.add(browser.post(resend).status_code)
    assert statuses == {302, 429}
    assert OutgoingMail.objects.filter(to=stranger).count() == 5
    many = "\n".join(f"many{number}@elsewhere.example" for number in range(50))
    answer = browser.post(path, {"emails": many, "role": "member"})
    assert (answer.status_code, int(answer["Retry-After"]) > 0) == (429, True)
    assert OutgoingMail.objects.filter(invitation__organization=world.organization).count() == 40


ATTEMPTS: dict[str, Callable[[], Any]] = {
    "token": lambda: post("/oauth/token", grant_type="refresh_token", refresh_token="x"),
    "bearer": lambda: call("/v3/whoami", "pk_wrong"),
    "leaks": lambda: send("/v1/keys/leaks", "", []),
}


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_wrong_credentials_are_limited(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, attempt: str
) -> None:
    set_clock(monkeypatch, timezone.now())  # within a minute
    settings.RATE_LIMIT_TOKENS = settings.RATE_LIMIT_REFUSED = 3
    settings.LEAK_REPORT_KEYS = str(tmp_path / "keys.json")
    write_keys(tmp_path / "keys.json", Scanner())
    answers = [ATTEMPTS[attempt]() for _ in range(5)]
    assert answers[0].status_code in (400, 401)
    assert (answers[-1].status_code, int(answers[-1]["Retry-After"]) > 0) == (429, True)


# --- Passwords and names ---------------------------------------------------------------------------
@pytest.mark.parametrize("password", WEAK)
def test_a_weak_password_is_refused_wherever_it_is_chosen(world: World, password: str) -> None:
    owner, users = world.owner, User.objects.count()
    email = "olivia@elsewhere.example"
    fresh = {"name": "Olivia", "email": email, "password1": password.format(email=email)}
    password = password.format(email=owner.email)
    assert Client().post(reverse("account_signup"), fresh).status_code == 422
    form = {"oldpassword": PASSWORD, "password1": password, "password2": password}
    changed = signed_in(owner).post(reverse("account_change_password"), form)
    assert changed.status_code == 422
    browser = Client()
    path = browser.get(read_reset_link(owner), follow=True).redirect_chain[-1][0]
    assert browser.post(path, {"password1": password, "password2": password}).status_code == 422
    assert User.objects.count() == users
    assert User.objects.get(pk=owner.pk).check_password(PASSWORD)


@pytest.mark.parametrize("name", INVISIBLE)
def test_a_name_that_cannot_be_seen_is_refused_in_every_form(world: World, name: str) -> None:
    browser, slug, organization = freshly_signed_in(world.owner), "research", "northwind"
    forms = [
        *([view] for view in ("profile", "organization_new", "access_token_create")),
        *([view, organization] for view in ("organization_settings", "project_new")),
        *([view, slug] for view in ("project_settings", "api_key_create")),
        ["admin_key_create", organization],
        ["api_key_rename", slug, world.key.public_id],
    ]
    for view, *args in forms:
        answer = browser.post(reverse(view, args=args), {"name": name, "days": "30"})
        assert answer.status_code == 422, view
        assert "name" in answer.context["form"].errors, view


# --- Bodies of programs ----------------------------------------------------------------------------
@pytest.mark.parametrize("path", [EVENTS, "/v1/keys/verify"])
@pytest.mark.parametrize(
    "body",
    [
        '{"key": "a", "events": []}'.encode("utf-16"),
        b'\xef\xbb\xbf\xff{"key": "a"}',
        b'{"key": "a", "key": "b", "events": [], "events": []}',
        b'{"key": NaN, "events": NaN}',
        b"[" * 100_000,
        b"",
    ],
    ids=["UTF-16", "no UTF-8", "equal names", "NaN", "nested", "empty"],
)
def test_a_body_that_readers_understand_differently_is_refused(
    world: World, path: str, body: bytes
) -> None:
    answer = post_usage(pipe(world), body, path)
    assert answer.status_code in (400, 413, 415, 422)
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize("field", ["id", "attributes", "dimensions", "user_id"])
def test_nul_in_an_event_costs_only_that_event(world: World, field: str) -> None:
    bad: Any = "a\x00b" if field in ("id", "user_id") else {"model": "a\x00b"}
    events = [of_user(world, **{field: bad}), event(world, id="good")]
    answer = post_usage(pipe(world), {"events": events})
    assert [result["status"] for result in answer.json()["results"]] == ["rejected", "accepted"]


# --- Sent twice ------------------------------------------------------------------------------------
def test_usage_moved_twice_is_in_the_audit_log_once(world: World) -> None:
    post_usage(pipe(world), {"events": [of_key(world)]})
    flip(world)
    first, last = recent()
    form = {"product": "volumes", "first_day": first, "last_day": last}
    path, browser = reverse("admin:usage_reattribution_move"), signed_in(world.staff)
    assert [browser.post(path, form).status_code for _ in range(2)] == [302, 409]
    moves = AuditEvent.objects.filter(act=Action.USAGE_MOVED, organization=world.organization)
    assert moves.count() == 1
