"""The Organization Default Key: its Owner alone sees it, reveals it and gives it another secret."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actors import Actor
from accounts.enums import Action, Notification, OrganizationState
from accounts.models import AuditEvent, OutgoingMail, User
from accounts.ownership.services import accept_offer
from accounts.support.services.viewing import VIEW_AS, start_view
from keys.enums import Code
from keys.models import ApiKey
from tests.database.refusals import all_rows
from tests.keys.helpers.gateway_client import auth, code_of
from tests.support.mail import mailed_to
from tests.support.pages import freshly_signed_in, queries, signed_in, words
from tests.world import PASSWORD, World, offered

pytestmark = pytest.mark.django_db
ACTS = ("default_key_reveal", "default_key_regenerate")


def address(world: World, name: str = "default_key") -> str:
    return reverse(name, args=[world.organization.slug])


def key_of(world: World) -> ApiKey:
    return world.default.api_keys.default_key()


def send(world: World, act: str, browser: Client | None = None) -> Any:
    """The act's form, as its page gives it."""
    browser = browser or freshly_signed_in(world.owner)
    path = address(world, act)
    fields = browser.get(path).context["form"].initial
    return browser.post(path, fields)


def events(act: Action) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(act=act).order_by("pk"))


def test_the_page_says_what_it_is_and_what_to_use_instead(world: World) -> None:
    auth(key_of(world).secret_text)
    response = signed_in(world.owner).get(address(world))
    page = words(response)
    assert key_of(world).current_secret().hint in page
    assert key_of(world).secret_text not in response.content.decode()
    assert "Usage is billed to Default Project" in page
    assert "Expires Never. It can't be revoked either." in page
    assert "Deprecated: use project keys instead." in page
    assert reverse("api_key_create", args=[world.default.slug]) in response.content.decode()


def test_the_settings_lead_the_owner_there_and_no_one_else(world: World) -> None:
    settings = reverse("organization_settings", args=[world.organization.slug])
    page = signed_in(world.owner).get(settings).content.decode()
    assert address(world) in page
    for user in (world.admin, world.member):
        page = signed_in(user).get(settings).content.decode()
        assert "default-key" not in page
        assert "Default Key" not in page


@pytest.mark.parametrize("name", ["default_key", *ACTS])
def test_only_the_owner_gets_in(world: World, name: str) -> None:
    for user in (world.admin, world.member, world.external):
        assert freshly_signed_in(user).get(address(world, name)).status_code == 403
    assert freshly_signed_in(world.stranger).get(address(world, name)).status_code == 404
    assert freshly_signed_in(world.staff).get(address(world, name)).status_code == 404


def test_revealing_shows_the_secret_once_and_keeps_that_it_was_done(world: World) -> None:
    key = key_of(world)
    response = send(world, "default_key_reveal")
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert key.secret_text in response.content.decode()
    assert auth(key.secret_text).status_code == 200
    (event,) = events(Action.DEFAULT_KEY_REVEALED)
    assert (event.actor, event.organization) == (world.owner, world.organization)
    assert event.values_after == {"secret": key.current_secret().hint}


def test_regenerating_refuses_the_old_secret_and_shows_the_new_one(
    world: World, credential: str
) -> None:
    old = key_of(world).secret_text
    assert code_of(credential, old) == Code.VALID
    response = send(world, "default_key_regenerate")
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    new = key_of(world).secret_text
    assert new != old
    assert new in response.content.decode()
    assert (code_of(credential, old), code_of(credential, new)) == (Code.REVOKED, Code.VALID)
    (event,) = events(Action.DEFAULT_KEY_REGENERATED)
    assert event.values_before["secret"] != event.values_after["secret"]
    assert event.values_after["secret"] == key_of(world).current_secret().hint
    assert f"by {world.owner.name}" in words(signed_in(world.owner).get(address(world)))


def test_a_form_sent_twice_regenerates_once(world: World) -> None:
    browser, path = freshly_signed_in(world.owner), address(world, "default_key_regenerate")
    fields = browser.get(path).context["form"].initial
    assert browser.post(path, fields).status_code == 200
    secret, before = key_of(world).secret_text, all_rows()
    for again in (fields, {}, {"replaces": "0"}):
        answer = browser.post(path, again)
        assert answer.status_code == 409
        assert "regenerated since you opened" in words(answer)
        assert secret not in answer.content.decode()
    assert browser.post(path, {"replaces": "x"}).status_code == 422
    assert all_rows() == before


@pytest.mark.parametrize("act", ACTS)
def test_the_owner_is_mailed_whatever_they_muted_and_never_the_secret(
    world: World, act: str
) -> None:
    for kind in Notification:
        world.owner.muted_notifications.create(kind=kind)
    old = key_of(world).secret_text
    send(world, act)
    done = "revealed" if act == ACTS[0] else "regenerated"
    (mail,) = mailed_to(world.owner.email)
    assert mail.subject == f"The Default Key of Northwind was {done}"
    assert address(world) in mail.body
    for secret in (old, key_of(world).secret_text):
        assert secret not in mail.body
        kept = [*AuditEvent.objects.values(), *OutgoingMail.objects.values()]
        assert secret not in str(kept)
        assert secret not in str(ApiKey.objects.values())


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_the_password_is_asked_first(world: World, act: str, method: str) -> None:
    browser, before = signed_in(world.owner), key_of(world).secret_text
    answer = getattr(browser, method)(address(world, act))
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    answer = browser.post(answer["Location"], {"password": PASSWORD})
    assert answer["Location"] == address(world, act)
    assert key_of(world).secret_text == before
    assert events(Action.DEFAULT_KEY_REVEALED) == []


def test_a_secret_of_another_encryption_key_is_a_conflict_and_regenerating_helps(
    world: World, settings: Any
) -> None:
    settings.ENCRYPTION_KEY = "another-encryption-key-" + "y" * 32
    assert signed_in(world.owner).get(address(world)).status_code == 200
    browser = freshly_signed_in(world.owner)
    before, answer = all_rows(), send(world, "default_key_reveal", browser)
    assert answer.status_code == 409
    assert "Regenerate the key to get a secret that you can see." in words(answer)
    assert address(world, "default_key_regenerate") in answer.content.decode()
    assert all_rows() == before
    assert send(world, "default_key_regenerate").status_code == 200
    answer = send(world, "default_key_reveal")
    assert key_of(world).secret_text in answer.content.decode()


def test_a_transfer_of_the_ownership_hands_it_over(world: World) -> None:
    former, new = freshly_signed_in(world.owner), freshly_signed_in(world.member)
    accept_offer(actor=Actor.of_user(world.member), offer=offered(world.organization, world.member))
    for name in ("default_key", *ACTS):
        assert former.get(address(world, name)).status_code == 403
        assert new.get(address(world, name)).status_code == 200
    assert send(world, "default_key_reveal", new).status_code == 200
    assert former.post(address(world, "default_key_reveal")).status_code == 403


@pytest.mark.parametrize("state", [OrganizationState.SUSPENDED, OrganizationState.CLOSED])
def test_nothing_of_it_is_left_while_the_organization_is_frozen(
    world: World, state: OrganizationState
) -> None:
    world.organization.change_state(state, "Bill unpaid.")
    browser = freshly_signed_in(world.owner)
    before = all_rows()
    for name in ("default_key", *ACTS):
        assert browser.get(address(world, name)).status_code == 403
    for act in ACTS:
        assert browser.post(address(world, act)).status_code == 403
    assert all_rows() == before
    page = browser.get(reverse("organization_settings", args=[world.organization.slug]))
    assert address(world) not in page.content.decode()


def viewing(world: World, user: User) -> Client:
    """The browser of a support person who views as somebody."""
    membership = world.organization.memberships.get(user=user)
    view = start_view(actor=Actor.of_user(world.staff), membership=membership, reason="A question.")
    browser = freshly_signed_in(world.staff)
    session = browser.session
    session[VIEW_AS] = view.public_id
    session.save()
    return browser


def test_support_does_not_see_it_even_as_the_owner(world: World) -> None:
    browser = viewing(world, world.owner)
    settings = browser.get(reverse("organization_settings", args=[world.organization.slug]))
    assert settings.status_code == 200
    assert "default-key" not in settings.content.decode()
    for name in ("default_key", *ACTS):
        assert browser.get(address(world, name)).status_code == 403
    for act in ACTS:
        assert browser.post(address(world, act)).status_code == 403
    assert events(Action.DEFAULT_KEY_REVEALED) == []


def test_a_key_with_a_history_costs_the_page_no_more_queries(world: World) -> None:
    browser = signed_in(world.owner)
    browser.get(address(world))
    with queries() as few:
        browser.get(address(world))
    for _ in range(30):
        send(world, "default_key_regenerate")
    with queries() as many:
        browser.get(address(world))
    assert len(few) == len(many)
