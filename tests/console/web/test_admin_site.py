"""Django admin: what its addresses can ask about, and the pages it shares with everyone else."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Field
from django.test import RequestFactory
from django.urls import reverse

from accounts.models import User
from tests.support.pages import signed_in
from tests.world import World, build_world

pytestmark = pytest.mark.django_db
PATHS = {page.opts.label_lower: page for page in admin.site._registry.values()}
LOOKUPS = ("", "__startswith", "__regex", "__year", "__gte", "__isnull")


@pytest.fixture
def world(db: None) -> World:
    return build_world()


def columns(page: Any) -> Iterator[str]:
    """The list's own columns, and those of the rows that it points at."""
    for field in page.model._meta.get_fields():
        yield field.name
        for further in field.related_model._meta.get_fields() if field.related_model else ():
            if isinstance(further, Field):
                yield f"{field.name}__{further.name}"


def name_of_filter(item: Any) -> str:
    name: str = getattr(item, "parameter_name", item[0] if isinstance(item, tuple) else item)
    return name


def changelist(model: str) -> str:
    return reverse(f"admin:{model.replace('.', '_')}_changelist")


@pytest.mark.parametrize("model", PATHS)
def test_only_declared_filters_can_be_asked(model: str) -> None:
    page = PATHS[model]
    lookups = {f"{column}{lookup}" for column in columns(page) for lookup in LOOKUPS}
    request = RequestFactory().get("/")
    allowed = {lookup for lookup in lookups if page.lookup_allowed(lookup, "a", request)}
    filtered = {name_of_filter(item) for item in page.list_filter}
    assert {lookup.removesuffix("__isnull") for lookup in allowed} <= filtered


@pytest.mark.parametrize(
    "query",
    [
        "email=owner@northwind.example&password__startswith=pbkdf2",
        "date_joined__year=99999999",
        "email__regex=(",
        "memberships__organization__slug=northwind",
    ],
)
def test_an_undeclared_lookup_is_refused(world: World, query: str) -> None:
    answer = signed_in(world.staff).get(f"{changelist('accounts.user')}?{query}")
    assert answer.status_code == 400


@pytest.mark.parametrize("model", PATHS)
def test_every_declared_filter_works(world: World, model: str) -> None:
    browser = signed_in(world.staff)
    answer = browser.get(changelist(model))
    filters = getattr(answer.context["cl"], "filter_specs", [])
    links = [
        choice["query_string"] for spec in filters for choice in spec.choices(answer.context["cl"])
    ]
    assert all(browser.get(changelist(model) + link).status_code == 200 for link in links)


def test_a_password_is_changed_on_the_page_that_everyone_uses(world: World) -> None:
    browser = signed_in(world.staff)
    form = {
        "old_password": "x",
        "new_password1": "a new long password",
        "new_password2": "a new long password",
    }
    before = User.objects.get(pk=world.staff.pk).password
    for answer in (
        browser.get("/admin/password_change/"),
        browser.post("/admin/password_change/", form),
    ):
        assert (answer.status_code, answer["Location"]) == (302, reverse("account_change_password"))
    assert User.objects.get(pk=world.staff.pk).password == before


def test_signing_out_of_django_admin_signs_out_of_the_console(world: World) -> None:
    browser = signed_in(world.staff)
    assert browser.post("/admin/logout/").status_code == 302
    assert "_auth_user_id" not in browser.session
