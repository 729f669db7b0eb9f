"""The pages of limits: who sees and changes them, what they say, and what is written down."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.actors import Actor
from accounts.enums import Action
from accounts.errors import Conflict
from accounts.models import AuditEvent, User
from keys.api_keys.services import revoke_key
from keys.models import ApiKey, RequestLimits
from keys.request_limits.services import change_limits
from tests.keys.request_limits.setup import limit
from tests.support.pages import queries, signed_in, words
from tests.world import World, issued

pytestmark = pytest.mark.django_db
NOTHING = {"model_rule": "any"}


def of_project(world: World) -> str:
    return reverse("project_limits", args=[world.research.slug])


def of_key(world: World, key: ApiKey | None = None) -> str:
    key = key or world.key
    return reverse("api_key_limits", args=[key.project.slug, key.public_id])


def save(url: str, user: User, **data: str) -> Any:
    return signed_in(user).post(url, {**NOTHING, **data})


def events() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(act=Action.LIMITS_CHANGED).order_by("pk"))


def test_a_project_admin_sets_and_removes_limits(world: World) -> None:
    url, admin = of_project(world), world.project_admin
    given = {
        "requests_per_minute": "60",
        "requests_per_day": "5000",
        "model_rule": "allow",
        "model_names": "Llama-3.3-70B\r\nother, third",
        "ip_ranges": "192.0.2.0/24\n2001:db8::/32",
    }
    assert save(url, admin, **given).status_code == 302
    rules = {
        "requests_per_minute": 60,
        "requests_per_day": 5000,
        "model_rule": "allow",
        "model_names": ["llama-3.3-70b", "other", "third"],
        "ip_ranges": ["192.0.2.0/24", "2001:db8::/32"],
    }
    assert RequestLimits.objects.get(project=world.research).rules == rules
    # Saved again, nothing changes.
    assert save(url, admin, **given).status_code == 302
    page = signed_in(admin).get(url)
    assert b"llama-3.3-70b\nother\nthird</textarea>" in page.content
    assert save(url, admin, **{**given, "requests_per_day": ""}).status_code == 302
    assert save(url, admin).status_code == 302
    assert not RequestLimits.objects.exists()
    first, second, third = events()
    assert first.organization == world.organization
    assert first.target_id == world.research.public_id
    assert first.after == rules
    assert (second.before, second.after) == (
        {"requests_per_day": 5000},
        {"requests_per_day": None},
    )
    assert third.after["model_names"] == []


def test_the_limits_of_a_key_are_its_own(world: World) -> None:
    limit(world.research, requests_per_minute=100)
    url = of_key(world)
    page = signed_in(world.project_admin).get(url)
    assert "Requests a minute 100" in words(page)
    assert save(url, world.project_admin, requests_per_minute="7").status_code == 302
    assert RequestLimits.of(ApiKey.objects.get(pk=world.key.pk)).requests_per_minute == 7
    [event] = events()
    assert (event.target_id, event.target_label) == (world.key.public_id, "notebooks in research")
    listed = words(signed_in(world.project_member).get(of_project(world)))
    assert "notebooks 7 requests a minute" in listed


def test_those_who_may_only_see_them_see_them(world: World) -> None:
    limit(world.research, requests_per_minute=100, ip_ranges=["192.0.2.0/24"])
    limit(world.key, model_rule="deny", model_names=["a", "b"])
    for url, text in [
        (of_project(world), "Requests a minute 100 Allowed IP ranges 192.0.2.0/24"),
        (of_key(world), "All models except these a b"),
    ]:
        page = signed_in(world.project_member).get(url)
        assert text in words(page)
        assert "Only a Project Admin can change this." in words(page)
        assert b"<textarea" not in page.content
        assert save(url, world.project_member, requests_per_minute="1").status_code == 403
        for external in (world.external, world.external_admin):
            assert signed_in(external).get(url).status_code == 403
            assert save(url, external).status_code == 403
    assert RequestLimits.objects.count() == 2


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"requests_per_minute": "0"}, "Enter at least 1 request"),
        ({"requests_per_minute": "1.5"}, "Enter a whole number"),
        ({"requests_per_day": "1000000001"}, "Enter at most 1,000,000,000 requests"),
        ({"model_rule": "allow"}, "Enter at least one model."),
        ({"model_names": "a"}, "Choose whether only these models are allowed"),
        ({"model_rule": "deny", "model_names": "a*"}, "a* is not the name of a model"),
        ({"ip_ranges": "10.0.0.5/8"}, "Did you mean 10.0.0.0/8?"),
        ({"ip_ranges": "here"}, "here is not an IP range"),
        ({"model_rule": "some"}, "some"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(world: World, data: dict[str, str], text: str) -> None:
    answer = save(of_project(world), world.owner, **data)
    assert answer.status_code == 422
    assert text in words(answer)
    assert not RequestLimits.objects.exists()


def test_a_revoked_key_keeps_its_limits(world: World) -> None:
    limit(world.key, requests_per_minute=7)
    actor = Actor.of_user(world.owner)
    revoke_key(actor=actor, key=world.key)
    page = signed_in(world.owner).get(of_key(world))
    assert "Requests a minute 7" in words(page)
    assert b"Save limits" not in page.content
    assert save(of_key(world), world.owner).status_code == 409
    with pytest.raises(Conflict):
        change_limits(actor=actor, subject=world.key, requests_per_minute=None)


def test_permission_is_checked_again_under_the_lock(world: World) -> None:
    for user in (world.project_member, world.external_admin):
        with pytest.raises(PermissionDenied):
            change_limits(actor=Actor.of_user(user), subject=world.key, requests_per_day=1)


def test_the_default_key_has_no_page_of_limits(world: World) -> None:
    key = world.default.api_keys.default_key()
    assert signed_in(world.owner).get(of_key(world, key)).status_code == 404


def test_a_page_takes_as_many_queries_with_many_limited_keys(world: World) -> None:
    limit(world.key, requests_per_minute=1)
    browser = signed_in(world.owner)
    browser.get(of_project(world))
    with queries() as one:
        browser.get(of_project(world))
    for number in range(20):
        limit(issued(world.research, world.owner, f"key {number}").key, requests_per_minute=1)
    with queries() as many:
        browser.get(of_project(world))
    assert len(many) == len(one)


def test_the_menu_of_a_key_leads_to_its_limits(world: World) -> None:
    url = reverse("api_keys", args=[world.research.slug])
    link = of_key(world).encode()
    assert link in signed_in(world.project_member).get(url).content
    assert link not in signed_in(world.external).get(url).content
