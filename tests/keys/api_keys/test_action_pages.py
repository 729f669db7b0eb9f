"""Set expiration, cancel expiration, rename, revoke: what the pages of one key say and do."""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import User
from accounts.support.services.support import suspend_organization
from accounts.web.formatting import format_day
from keys.api_keys.services import revoke_key, rotate_key, set_expiration
from keys.models import ApiKey, KeyPolicy
from keys.verification.last_used import flush_uses
from projects.services.archive import archive_project
from tests.keys.helpers.gateway_client import auth
from tests.support.clock import DAY, set_clock
from tests.support.pages import freshly_signed_in, own_queries, queries, signed_in, words
from tests.world import World, issued

pytestmark = pytest.mark.django_db
ACTS = {
    "rotate": {"overlap": "24"},
    "finish": {},
    "undo": {},
    "expiration": {"expires": "30d"},
    "expiration_cancel": {},
    "rename": {"name": "evaluations"},
    "revoke": {},
}


def path(key: ApiKey, act: str) -> str:
    return reverse(f"api_key_{act}", args=[key.project.slug, key.public_id])


def page(user: User, key: ApiKey, act: str) -> Any:
    return signed_in(user).get(path(key, act))


def send(user: User, key: ApiKey, act: str, **data: object) -> Any:
    return signed_in(user).post(path(key, act), data, follow=True)


def now_of(key: ApiKey) -> ApiKey:
    return ApiKey.objects.get(pk=key.pk)


def back_on_the_list(response: Any, key: ApiKey) -> bool:
    address = reverse("api_keys", args=[key.project.slug])
    return bool(response.redirect_chain == [(address, 302)])


@pytest.mark.parametrize("person", ["owner", "project_member", "external"])
def test_an_end_is_set_shown_and_taken_away(world: World, person: str) -> None:
    user, day = getattr(world, person), timezone.now().date() + dt.timedelta(days=90)
    assert "This key never expires." in words(page(user, world.key, "expiration"))
    response = send(user, world.key, "expiration", expires=day.isoformat())
    assert back_on_the_list(response, world.key)
    assert f"notebooks works until {format_day(day)}." in words(response)
    midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), dt.UTC)
    assert now_of(world.key).expires_at == midnight
    seen = page(user, world.key, "expiration")
    assert f"This key expires {format_day(day)} ." in words(seen)
    assert f'value="{day.isoformat()}"' in seen.content.decode()
    assert f'href="{path(world.key, "expiration_cancel")}"' in seen.content.decode()
    response = send(user, world.key, "expiration_cancel")
    assert back_on_the_list(response, world.key)
    assert "notebooks never expires." in words(response)
    assert now_of(world.key).expires_at is None


def test_days_from_now_and_never_can_be_chosen_as_well(world: World) -> None:
    before = timezone.now()
    send(world.owner, world.key, "expiration", expires="30d")
    end = now_of(world.key).expires_at
    assert end is not None
    assert before <= end - 30 * DAY <= timezone.now()
    response = send(world.owner, world.key, "expiration", expires="")
    assert "notebooks never expires." in words(response)


@pytest.mark.parametrize(
    "expires", ["2020-01-01", "0", "0000-00-00", "2999-02-30", "soon", "-3", "9" * 400, "\x00", "٣"]
)
def test_what_is_no_end_to_come_is_refused_at_the_field(world: World, expires: str) -> None:
    response = send(world.owner, world.key, "expiration", expires=expires)
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"expires"}
    assert now_of(world.key).expires_at is None


def test_an_expired_key_works_again_with_a_later_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = timezone.now()
    set_expiration(actor=Actor.of_user(world.owner), key=world.key, expires_at=start + DAY)
    set_clock(monkeypatch, start + DAY)
    assert auth(world.key_secret).status_code == 401
    browser = signed_in(world.owner)
    assert "Choose a later date to make it work again." in words(
        browser.get(path(world.key, "expiration"))
    )
    browser.post(path(world.key, "expiration"), {"expires": "7d"})
    assert auth(world.key_secret).status_code == 200


def test_without_an_end_there_is_none_to_cancel(world: World) -> None:
    seen, sent = (act(world.owner, world.key, "expiration_cancel") for act in (page, send))
    assert (seen.status_code, sent.status_code) == (200, 409)
    for one in (seen, sent):
        assert "notebooks has no expiration." in words(one)
    links = page(world.owner, world.key, "expiration").content.decode()
    assert path(world.key, "expiration_cancel") not in links


def test_a_policy_that_asks_for_an_end_keeps_it(world: World) -> None:
    end = timezone.now() + DAY
    set_expiration(actor=Actor.of_user(world.owner), key=world.key, expires_at=end)
    KeyPolicy.objects.create(organization=world.organization, expiry_required=True)
    links = page(world.owner, world.key, "expiration").content.decode()
    assert path(world.key, "expiration_cancel") not in links
    seen, sent = (act(world.owner, world.key, "expiration_cancel") for act in (page, send))
    assert (seen.status_code, sent.status_code) == (200, 409)
    for one in (seen, sent):
        assert "The key policy requires an expiration." in words(one)
    assert send(world.owner, world.key, "expiration", expires="").status_code == 422
    assert now_of(world.key).expires_at == end


def test_a_policy_bounds_the_end_at_its_field(world: World) -> None:
    KeyPolicy.objects.create(organization=world.organization, longest_days=30)
    response = send(world.owner, world.key, "expiration", expires="90d")
    assert response.status_code == 422
    assert "limits secrets to 30 days" in str(response.context["form"].errors["expires"])
    assert send(world.owner, world.key, "expiration", expires="7d").status_code == 200


def test_a_key_gets_another_name(world: World) -> None:
    seen = page(world.project_member, world.key, "rename")
    assert 'value="notebooks"' in seen.content.decode()
    response = send(world.project_member, world.key, "rename", name="  Nightly   jobs ")
    assert back_on_the_list(response, world.key)
    assert "notebooks was renamed to Nightly jobs." in words(response)
    assert auth(world.key_secret).status_code == 200


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "a\x00b", "a\u202eb", "\n"])
def test_a_name_that_is_none_is_refused_at_its_field(world: World, name: str) -> None:
    response = send(world.owner, world.key, "rename", name=name)
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"name"}
    assert now_of(world.key).name == "notebooks"


def test_a_name_in_use_is_refused_at_its_field(world: World) -> None:
    issued(world.research, world.owner, "exports")
    response = send(world.owner, world.key, "rename", name="exports")
    assert response.status_code == 409
    assert set(response.context["form"].errors) == {"name"}
    assert "already has this name" in words(response)


@pytest.mark.parametrize("person", ["owner", "project_admin", "project_member", "external"])
def test_a_revoked_key_is_refused_from_the_next_request_on(world: World, person: str) -> None:
    user = getattr(world, person)
    assert auth(world.key_secret).status_code == 200
    flush_uses()
    seen = words(page(user, world.key, "revoke"))
    for said in (
        "Revoke notebooks?",
        "Research",
        "last used just now",
        "stops working immediately",
    ):
        assert said in seen
    response = send(user, world.key, "revoke")
    assert back_on_the_list(response, world.key)
    assert "notebooks was revoked." in words(response)
    assert auth(world.key_secret).status_code == 401


def test_the_safe_button_stands_before_the_one_that_loses_something(world: World) -> None:
    source = page(world.owner, world.key, "revoke").content.decode()
    assert source.index("data-dialog-close") < source.index("button bad")


@pytest.mark.parametrize("act", ["expiration", "expiration_cancel", "rename", "revoke"])
def test_nothing_is_done_with_a_revoked_key(world: World, act: str) -> None:
    revoke_key(actor=Actor.of_user(world.owner), key=world.key)
    before = now_of(world.key).__dict__
    seen, sent = page(world.owner, world.key, act), send(world.owner, world.key, act, **ACTS[act])
    assert (seen.status_code, sent.status_code) == (200, 409)
    for one in (seen, sent):
        assert "notebooks is revoked, which can't be undone" in words(one)
    assert now_of(world.key).__dict__ | {"_state": 0} == before | {"_state": 0}


@pytest.mark.parametrize("act", ACTS)
def test_the_default_key_has_no_such_pages(world: World, act: str) -> None:
    default, browser = world.default.api_keys.default_key(), freshly_signed_in(world.owner)
    assert browser.get(path(default, act)).status_code == 404
    assert browser.post(path(default, act), ACTS[act]).status_code == 404


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("frozen", ["archived", "suspended"])
def test_where_all_stands_still_the_answer_says_why(world: World, act: str, frozen: str) -> None:
    if frozen == "archived":
        archive_project(actor=Actor.of_user(world.owner), project=world.research)
    else:
        staff, organization = Actor.of_user(world.staff), world.organization
        suspend_organization(actor=staff, organization=organization, reason="Unpaid.")
    for answer in (
        page(world.owner, world.key, act),
        send(world.owner, world.key, act, **ACTS[act]),
    ):
        assert answer.status_code == 403
        assert "archived" in words(answer) or "suspended" in words(answer)


@pytest.mark.parametrize("act", ACTS)
def test_a_page_costs_the_same_after_1_and_30_rotations(world: World, act: str) -> None:
    browser, costs = signed_in(world.owner), []
    for rotations in (1, 30):
        for _ in range(rotations):
            rotate_key(actor=Actor.of_user(world.owner), key=world.key, overlap=dt.timedelta())
        with queries() as captured:
            browser.get(path(world.key, act))
        costs.append(len(own_queries(captured)))
    assert costs[0] == costs[1] <= 6
