"""Whatever stands in an address, a cookie or a form: an answer that is no defect, never a 5xx."""

import base64
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from accounts.models.invitation import Link
from accounts.web.cursors import encode_cursor
from tests.conftest import LONG
from tests.routes.answers import undone
from tests.routes.library_table import ALLAUTH, MODELS
from tests.routes.own_table import OWN
from tests.routes.table import (
    INVITATION,
    KEY_ROW,
    MEMBER_INVITATION,
    MEMBER_ROW,
    OF_ORGANIZATION,
    ORGANIZATION,
    PROJECT,
    REQUEST_ROW,
    ROW,
)
from tests.support.pages import crowd, members, signed_in
from tests.world import World, build_world

pytestmark = pytest.mark.django_db
NASTY = {
    "empty": "",
    "NUL": "a\x00b",
    "long": "x" * 10_000,
    "emoji": "👩‍🚀🏳️‍🌈",
    "bidi": "\u202eabc\u2066",
    "unpaired": "%ED%A0%80",
    "negative": "-1",
    "huge": "9" * 400,
    "digits of elsewhere": "²٣",
    "not a number": "NaN",
    "infinity": "-Infinity",
    "quotes": "'\"`;--<script>{{ 7*7 }}{% x %}",
    "wildcards": "%_\\*?[",
    "feeds": "a\r\nSet-Cookie: x=y",
    "path": "../../etc/passwd",
    "list": '["x", 1]',
    "json cursor": base64.urlsafe_b64encode(b'["x", 1]').decode(),
    "cursor of a date": encode_cursor("0000-00-00", 1),
    "cursor of a giant": encode_cursor("x", 99999999999999999999999),
    "cursor of a truth": encode_cursor("x", True),
    "deep json": base64.urlsafe_b64encode(b"[" * 5000).decode(),
    "lone surrogate": base64.urlsafe_b64encode(b'["\\ud800", 1]').decode(),
}
# One of each sort every time; all of them in the long run.
USUAL = ("NUL", "huge", "quotes", "json cursor", "cursor of a giant")
KINDS = [kind if kind in USUAL else pytest.param(kind, marks=pytest.mark.long) for kind in NASTY]
PARAMETERS = (
    "q",
    "role",
    "type",
    "sort",
    "page",
    "after",
    "before",
    "next",
    "invitation",
    "format",
)
FIELDS = (
    "name",
    "slug",
    "email",
    "role",
    "reason",
    "theme",
    "next",
    "allow_external_collaborators",
    "expires",
    "expires_on",
    "form_token",
    "overlap",
    "replaces",
)
LISTS = ("collaborators", "members", "projects")


@pytest.fixture
def world() -> World:
    return build_world()


def addresses(world: World) -> dict[str, str]:
    """Every route of ours and of django-allauth, with ids that exist."""
    token = world.member_invitation.token(Link.MAILED)
    northwind, research = world.organization.slug, world.research.slug
    slugs = {key: [northwind] for key in ORGANIZATION} | {key: [research] for key in PROJECT}
    slugs |= {key: [research, world.project_member_row.public_id] for key in ROW}
    slugs |= {key: [research, world.invitation.public_id] for key in INVITATION}
    slugs |= {key: [research, world.key.public_id] for key in KEY_ROW}
    slugs |= {key: [northwind, world.member.public_id] for key in (*MEMBER_ROW, "person")}
    slugs |= {key: [northwind, world.member_invitation.public_id] for key in MEMBER_INVITATION}
    slugs |= {key: [northwind, world.support_request.public_id] for key in REQUEST_ROW}
    tokens = {key: [token] for key in ("invitation", "invitation_accept", "invitation_decline")}
    slugs |= tokens | {key: [] for key in OWN}
    found = {name: reverse(name, args=arguments) for name, arguments in slugs.items()}
    return found | {name: reverse(name, kwargs=line.kwargs) for name, line in ALLAUTH.items()}


def status(client: Client, method: str, path: str, data: dict[str, Any]) -> int:
    with undone():
        return int(getattr(client, method)(path, data).status_code)


def browser(user: User | None) -> Client:
    client = signed_in(user) if user else Client()
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("kind", KINDS)
def test_no_parameter_of_an_address_breaks_a_page(world: World, kind: str) -> None:
    value, broken = NASTY[kind], []
    owner, anonymous = browser(world.owner), browser(None)
    for name, path in addresses(world).items():
        for client in (owner, anonymous):
            if status(client, "get", path, dict.fromkeys(PARAMETERS, value)) >= 500:
                broken.append((name, client is owner))
    for name in LISTS:
        for parameter in ("q", "role", "sort", "page", "after", "before"):
            if status(owner, "get", addresses(world)[name], {parameter: value}) >= 500:
                broken.append((name, parameter))
    assert broken == []


@pytest.mark.parametrize("kind", KINDS)
def test_no_value_of_a_form_breaks_an_act(world: World, kind: str) -> None:
    value, broken = NASTY[kind], []
    owner, anonymous = browser(world.owner), browser(None)
    lines = {**OF_ORGANIZATION, **PROJECT, **ROW, **INVITATION, **KEY_ROW, **OWN, **ALLAUTH}
    for name, path in addresses(world).items():
        good = lines[name].data if name in lines else {"next": "/"}
        visitors = name in ALLAUTH or name in OWN
        for field in good:
            for client in (owner, anonymous) if visitors else (owner,):
                if status(client, "post", path, {**good, field: value}) >= 500:
                    broken.append((name, field, client is owner))
    assert broken == []


@pytest.mark.parametrize("kind", KINDS)
def test_no_segment_of_a_path_breaks_the_routes(world: World, kind: str) -> None:
    broken, owner, anonymous = [], browser(world.owner), browser(None)
    for value in {NASTY[kind], NASTY[kind].replace("/", "")}:
        for path in (
            f"/settings/projects/{value}/",
            f"/settings/projects/{world.research.slug}/collaborators/{value}/remove/",
            f"/settings/projects/{world.research.slug}/invitations/{value}/link/",
            f"/settings/organization/{value}/members/",
            f"/settings/organization/{world.organization.slug}/members/{value}/remove/",
            f"/invitations/{value}/accept/",
            f"/invitations/inv_{value}/",
            f"/accounts/password/reset/key/{value}-{value}/",
            f"/v1/{value}",
            f"/static/{value}",
        ):
            for client in (owner, anonymous):
                if status(client, "get", path, {}) >= 500:
                    broken.append((path[:80], client is owner))
    assert broken == []


@pytest.mark.parametrize("kind", KINDS)
def test_no_cookie_breaks_a_page(world: World, kind: str) -> None:
    broken = []
    for cookie in ("session", "csrf", "theme", "organization", "project", "messages"):
        client = browser(world.owner)
        client.cookies[cookie] = NASTY[kind].encode().decode("latin-1")  # as servers read it
        for name in ("home", "collaborators", "roles", "account_login"):
            if status(client, "get", addresses(world)[name], {}) >= 500:
                broken.append((cookie, name))
    assert broken == []


@pytest.mark.parametrize("kind", KINDS)
def test_no_parameter_breaks_django_admin(world: World, kind: str) -> None:
    client, value, broken = browser(world.staff), NASTY[kind], []
    for model in MODELS:
        path = reverse(f"admin:{model}_changelist")
        for parameter in (
            "q",
            "p",
            "o",
            "all",
            "e",
            "_facets",
            "id",
            "id__in",
            "nothing__of__this",
        ):
            if status(client, "get", path, {parameter: value}) >= 500:
                broken.append((model, parameter))
        for page in ("change", "delete", "history"):
            address = reverse(f"admin:{model}_{page}", args=["0"]).replace(
                "/0/", f"/{quote(value)}/"
            )
            if status(client, "get", address, {}) >= 500:
                broken.append((model, page))
    limits = reverse("admin:accounts_organization_change", args=[world.organization.pk])
    for field in ("project_limit", "external_collaborators_enabled", "note", "_save", "name"):
        data = {"project_limit": "5", "note": "Why.", field: value}
        if status(client, "post", limits, data) >= 500:
            broken.append(("limits", field))
    assert broken == []


CURSORS = st.one_of(
    st.text(max_size=60),
    st.binary(max_size=60).map(lambda raw: base64.urlsafe_b64encode(raw).decode()),
    st.tuples(
        st.one_of(st.text(max_size=40), st.datetimes().map(str), st.integers(), st.none()),
        st.one_of(st.integers(), st.floats(), st.text(max_size=5), st.booleans(), st.none()),
    ).map(lambda values: encode_cursor(*values)),
)


# A time without a zone is none of ours; Django reads it as UTC and only warns.
@pytest.mark.filterwarnings("ignore:.*received a naive datetime")
@settings(
    max_examples=60 if LONG else 12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    text=CURSORS,
    sort=st.sampled_from(["", "person", "-role", "added", "name", "-joined", "created"]),
)
def test_an_invalid_cursor_is_a_bad_request(world: World, text: str, sort: str) -> None:
    client = browser(world.owner)
    for name in LISTS:
        for way in ("after", "before"):
            data = {way: text, "sort": sort, "page": "2"}
            assert status(client, "get", addresses(world)[name], data) in (200, 400)


def test_a_cursor_of_another_list_or_sort_is_harmless(world: World) -> None:
    crowd(world.research, 60)
    members(world.organization, 60, "more")
    client, paths = browser(world.owner), addresses(world)
    links = [
        client.get(paths[name], {"sort": sort}).context["page"].next_url
        for name, sort in (
            ("collaborators", "person"),
            ("collaborators", "added"),
            ("members", "role"),
        )
    ]
    assert all(links)
    for link in links:
        after = link.split("after=")[1].split("&")[0]
        for name in LISTS:
            for sort in ("", "person", "role", "added", "name", "joined"):
                code = client.get(f"{paths[name]}?page=2&sort={sort}&after={after}").status_code
                assert code in (200, 400)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"email": "x@x.example"}'),
        ("application/x-www-form-urlencoded", b"email=%ff%fe&role=%00"),
        ("application/x-www-form-urlencoded; charset=no-such-set", b"email=x"),
        ("application/x-www-form-urlencoded; charset=utf-16", b"email=x"),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\n"),
        ("multipart/form-data; boundary=\xe9", b"--x"),
        ("text/plain", b"\x00" * 100),
        ("", b"x"),
        ("/", b"x"),
    ],
)
def test_no_body_breaks_an_act(world: World, content_type: str, body: bytes) -> None:
    broken, client = [], browser(world.owner)
    cookies = client.cookies.output(header="", sep=";")
    for name, path in addresses(world).items():
        client.cookies = SimpleCookie(cookies)
        with undone():
            code = client.generic("POST", path, body, content_type=content_type).status_code
        if code >= 500:
            broken.append((name, code))
    assert broken == []
