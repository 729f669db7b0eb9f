"""Rotate, finish now, undo: the new secret once, how long the old one works, what each button means."""

import datetime as dt
import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.actors import Actor
from accounts.models import User
from accounts.web.formatting import format_day
from keys.api_keys.services import revoke_key, set_expiration
from keys.models import ApiKey, KeyPolicy, KeySecret
from keys.verification.last_used import flush_uses
from tests.keys.helpers.gateway_client import auth
from tests.support.clock import DAY, set_clock
from tests.support.pages import signed_in, words
from tests.world import World

pytestmark = pytest.mark.django_db
SECRET = re.compile(r"pk_[0-9A-Za-z]{49}")


def path(world: World, act: str) -> str:
    return reverse(f"api_key_{act}", args=[world.research.slug, world.key.public_id])


def page(user: User, world: World, act: str = "rotate") -> Any:
    return signed_in(user).get(path(world, act))


def send(user: User, world: World, act: str = "rotate", **data: object) -> Any:
    return signed_in(user).post(path(world, act), data, follow=True)


def sent_form(user: User, world: World, **changes: object) -> dict[str, object]:
    """What the form of the page would send now."""
    form = page(user, world).context["form"]
    return {name: form[name].value() for name in ("overlap", "replaces")} | changes


def secret_in(response: Any) -> str:
    (found,) = set(SECRET.findall(response.content.decode()))
    return str(found)


def works(*secrets: str) -> list[bool]:
    return [auth(secret).status_code == 200 for secret in secrets]


@pytest.mark.parametrize("person", ["owner", "project_admin", "project_member", "external"])
def test_the_new_secret_is_shown_once_and_both_work(world: World, person: str) -> None:
    user = getattr(world, person)
    response = send(user, world, **sent_form(user, world))
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    new = secret_in(response)
    old = world.key.outgoing_secret()
    until = f"{format_day(old.ends_at)}, {old.ends_at:%H:%M} UTC"
    assert f"The old secret {old.hint} works until {until} ." in words(response)
    assert works(world.key_secret, new) == [True, True]
    for act in ("rotate", "finish", "undo", "revoke"):
        assert not SECRET.search(page(user, world, act).content.decode())
    listing = signed_in(user).get(reverse("api_keys", args=[world.research.slug]))
    assert not SECRET.search(listing.content.decode())


@pytest.mark.parametrize(
    ("overlap", "lived"), [("0", 0), ("1", 1), ("24", 24), ("72", 72), ("168", 168), (None, 24)]
)
def test_the_old_secret_works_for_the_time_chosen(
    world: World, monkeypatch: pytest.MonkeyPatch, overlap: str | None, lived: int
) -> None:
    start = timezone.now()
    set_clock(monkeypatch, start)
    response = send(world.owner, world, **({} if overlap is None else {"overlap": overlap}))
    if lived == 0:
        assert "The old secret no longer works." in words(response)
    else:
        set_clock(monkeypatch, start + dt.timedelta(hours=lived, microseconds=-1))
        assert works(world.key_secret) == [True]
    set_clock(monkeypatch, start + dt.timedelta(hours=lived))
    assert works(world.key_secret, secret_in(response)) == [False, True]


@pytest.mark.parametrize(
    "overlap", ["", "-1", "2", "169", "1e1", "24.0", "a week", "٢٤", "9" * 400, "\x00"]
)
def test_any_other_time_is_refused_at_its_field(world: World, overlap: str) -> None:
    response = send(world.owner, world, **sent_form(world.owner, world, overlap=overlap))
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"overlap"}
    assert KeySecret.objects.filter(api_key=world.key).count() == 1
    assert works(world.key_secret) == [True]


@pytest.mark.parametrize("overlap", ["0", "24"])
def test_a_form_sent_twice_rotates_once_and_shows_nothing_again(world: World, overlap: str) -> None:
    form = sent_form(world.owner, world, overlap=overlap)
    new = secret_in(send(world.owner, world, **form))
    again = send(world.owner, world, **form)
    assert again.status_code == 409
    assert not SECRET.search(again.content.decode())
    assert "since you opened this page" in words(again)
    assert world.key.secrets.count() == 2
    assert works(new) == [True]
    offered = "Finish now" if overlap == "24" else "Rotate"
    assert offered in words(again)


def test_a_form_of_before_an_undone_rotation_does_not_rotate_again(world: World) -> None:
    form = sent_form(world.owner, world)
    send(world.owner, world, **form)
    send(world.owner, world, "undo")
    assert send(world.owner, world, **form).status_code == 409
    assert works(world.key_secret) == [True]
    assert send(world.owner, world, **sent_form(world.owner, world)).status_code == 200


@pytest.mark.parametrize("replaces", ["0", "99", "-1"])
def test_a_form_for_another_secret_does_not_rotate(world: World, replaces: str) -> None:
    assert send(world.owner, world, overlap="24", replaces=replaces).status_code == 409
    assert world.key.secrets.count() == 1


@pytest.mark.parametrize("replaces", ["x", "9" * 5000, "\x00"])
def test_a_hidden_value_that_is_none_is_said_to_be_wrong(world: World, replaces: str) -> None:
    response = send(world.owner, world, overlap="24", replaces=replaces)
    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()
    assert world.key.secrets.count() == 1


def test_the_page_says_when_each_secret_was_last_used(world: World) -> None:
    assert "never used" in words(page(world.owner, world))
    works(world.key_secret)
    flush_uses()
    hint = world.key.current_secret().hint
    assert f"{hint} last used just now" in words(page(world.owner, world))
    send(world.owner, world, **sent_form(world.owner, world))
    new = world.key.current_secret().hint
    for act in ("rotate", "finish", "undo"):
        seen = words(page(world.owner, world, act))
        assert f"New {new} never used" in seen
        assert f"Old {hint} expires in 1 day last used just now" in seen


def test_while_a_rotation_runs_the_page_offers_to_finish_or_undo_it(world: World) -> None:
    send(world.owner, world, **sent_form(world.owner, world))
    seen = page(world.owner, world)
    assert seen.status_code == 200
    assert "notebooks is being rotated" in words(seen)
    for act in ("finish", "undo"):
        assert f'href="{path(world, act)}"' in seen.content.decode()
    again = send(world.owner, world, overlap="24")
    assert again.status_code == 409
    assert "Finish or undo that rotation first." in words(again)


def test_finishing_ends_the_old_secret_at_once(world: World) -> None:
    new = secret_in(send(world.owner, world, overlap="24"))
    assert "Finish the rotation of notebooks now?" in words(page(world.owner, world, "finish"))
    response = send(world.project_member, world, "finish")
    assert "notebooks has been rotated. Its old secret no longer works." in words(response)
    assert works(world.key_secret, new) == [False, True]


def test_undoing_ends_the_new_secret_at_once_and_for_good(world: World) -> None:
    new = secret_in(send(world.owner, world, overlap="24"))
    assert "Undo the rotation of notebooks?" in words(page(world.owner, world, "undo"))
    response = send(world.project_member, world, "undo")
    assert "The rotation of notebooks was undone. Its old secret is current again." in words(
        response
    )
    assert works(world.key_secret, new) == [True, False]
    newest = secret_in(send(world.owner, world, overlap="0"))
    assert works(world.key_secret, new, newest) == [False, False, True]


def test_both_dialogs_warn_of_a_secret_that_is_in_use(world: World) -> None:
    new = secret_in(send(world.owner, world, overlap="24"))
    assert "was used since" not in words(page(world.owner, world, "finish"))
    assert "is in use" not in words(page(world.owner, world, "undo"))
    works(world.key_secret, new)
    flush_uses()
    assert "The old secret is still in use." in words(page(world.owner, world, "finish"))
    assert "The new secret is in use." in words(page(world.owner, world, "undo"))


@pytest.mark.parametrize("act", ["finish", "undo"])
def test_without_a_rotation_there_is_nothing_to_end(world: World, act: str) -> None:
    seen = page(world.owner, world, act)
    assert seen.status_code == 200
    assert '<form method="post" novalidate' not in seen.content.decode()
    response = send(world.owner, world, act)
    assert response.status_code == 409
    for one in (seen, response):
        assert "notebooks is not being rotated" in words(one)
    assert works(world.key_secret) == [True]


def test_a_key_that_has_expired_says_what_to_do_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = timezone.now()
    set_expiration(actor=Actor.of_user(world.owner), key=world.key, expires_at=start + DAY)
    set_clock(monkeypatch, start + DAY)
    seen, refused = page(world.owner, world), send(world.owner, world, overlap="24")
    assert (seen.status_code, refused.status_code) == (200, 409)
    for one in (seen, refused):
        assert "Set a later expiration first" in words(one)
        assert f'href="{path(world, "expiration")}"' in one.content.decode()


def test_the_old_secret_ends_with_the_key_when_that_is_sooner(world: World) -> None:
    end = timezone.now() + dt.timedelta(hours=2)
    set_expiration(actor=Actor.of_user(world.owner), key=world.key, expires_at=end)
    shown = words(send(world.owner, world, overlap="168"))
    assert f"works until {format_day(end)}, {end:%H:%M} UTC" in shown


def test_a_revoked_key_gets_no_secret(world: World) -> None:
    revoke_key(actor=Actor.of_user(world.owner), key=world.key)
    for act in ("rotate", "finish", "undo"):
        seen, refused = page(world.owner, world, act), send(world.owner, world, act)
        assert (seen.status_code, refused.status_code) == (200, 409)
        for one in (seen, refused):
            assert "notebooks is revoked, which can't be undone" in words(one)
            assert not SECRET.search(one.content.decode())


def test_a_policy_for_admins_keeps_members_from_rotating(world: World) -> None:
    KeyPolicy.objects.create(organization=world.organization, makers="admins")
    for user in (world.project_member, world.external):
        for response in (page(user, world), send(user, world, overlap="24")):
            assert response.status_code == 403
            assert "leaves creating and rotating keys to Project Admins" in words(response)
    assert send(world.project_admin, world, overlap="24").status_code == 200
    assert page(world.project_member, world).status_code == 200, "to finish or undo it"
    assert send(world.project_member, world, overlap="24").status_code == 403
    assert send(world.project_member, world, "finish").status_code == 200


def test_the_page_says_when_rotating_gives_the_key_an_end(world: World) -> None:
    KeyPolicy.objects.create(organization=world.organization, longest_days=5)
    assert "After the rotation, this key expires in 5 days" in words(page(world.owner, world))
    send(world.owner, world, overlap="24")
    assert ApiKey.objects.get(pk=world.key.pk).expires_at


@pytest.mark.parametrize("act", ["rotate", "finish", "undo", "expiration", "revoke"])
def test_an_operators_bound_is_stated_where_it_acts(
    world: World, settings: Settings, act: str
) -> None:
    settings.KEY_CACHE_SECONDS = 0
    if act in ("finish", "undo"):
        send(world.owner, world, overlap="24")
    bound = "Gateways may keep accepting old secrets for up to 30 seconds"
    assert bound not in words(page(world.owner, world, act))
    settings.KEY_CACHE_SECONDS = 30
    assert bound in words(page(world.owner, world, act))
