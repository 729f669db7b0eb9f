"""Who revokes a credential or removes a service account chooses whether what it created goes with it."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.urls import reverse

from accounts.actors import Actor
from accounts.enums import InvitationState
from accounts.models import Invitation, OutgoingMail
from accounts.models.principals import Principal
from accounts.permissions import ProjectRole
from keys.admin_keys.services import create_admin_key
from keys.api_keys.services import IssuedKey, create_key, rotate_key
from keys.models import AccountToken
from keys.service_accounts.services import create_account_token
from projects.services.additions import add_collaborator
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.api_client import call, error_of, send
from tests.keys.helpers.personal_tokens import made
from tests.keys.helpers.service_accounts import create_account, issue_account_token
from tests.projects.api.callers import WRITE
from tests.support.clock import DAY
from tests.support.pages import signed_in, words
from tests.world import World, issued

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Root:
    """What is revoked: who it acts as, the path of its DELETE, and the URL of its page."""

    principal: Principal
    path: str
    page: str


def admin_key(world: World) -> Root:
    key = issue_admin_key(world.owner, world.organization, "Root").key
    path = f"/v1/organization/admin_api_keys/{key.public_id}"
    page = reverse("admin_key_revoke", args=[world.organization.slug, key.public_id])
    return Root(key.principal, path, page)


def account_token(world: World) -> Root:
    account = create_account(world.owner, world.research, "Root")
    token = issue_account_token(world.owner, account).token
    accounts = f"/v1/organization/projects/{world.research.public_id}/service_accounts"
    path = f"{accounts}/{account.public_id}/tokens/{token.public_id}"
    names = [world.research.slug, token.public_id]
    return Root(token.principal, path, reverse("service_account_token_revoke", args=names))


def service_account(world: World) -> Root:
    token = account_token(world)
    path = token.path.rpartition("/tokens/")[0]
    names = [world.research.slug, token.principal.service_account]
    return Root(token.principal, path, reverse("service_account_remove", args=names))


def access_token(world: World) -> Root:
    token = made(world.project_admin, world.research, scope=WRITE).token
    principal = Principal.of_user(world.project_admin, credential=token.public_id)
    path = f"/v1/organization/access_tokens/{token.public_id}"
    names = [world.organization.slug, token.public_id]
    return Root(principal, path, reverse("organization_token_revoke", args=names))


@dataclass(frozen=True)
class Created:
    """What goes back to the root: a token, an API key of each, and what the token sent."""

    token: AccountToken
    keys: tuple[IssuedKey, IssuedKey]
    invitation: Invitation

    @property
    def works(self) -> dict[str, bool]:
        self.token.refresh_from_db()
        self.invitation.refresh_from_db()
        return {
            "token": not self.token.is_over,
            "keys": all(call("/v1/auth", key.secret).status_code == 200 for key in self.keys),
            "invitation": self.invitation.state == InvitationState.PENDING,
        }


def create(world: World, principal: Principal) -> Created:
    account, project = create_account(world.owner, world.research, "Child"), world.research
    token = create_account_token(actor=Actor(principal), account=account, name="child").token
    by_root = create_key(actor=Actor(principal), project=project, name="by root")
    by_token = create_key(actor=Actor(token.principal), project=project, name="by token")
    return Created(token, (by_root, by_token), invite(world, token.principal, "new"))


def invite(world: World, principal: Principal, name: str) -> Invitation:
    """A pending invitation of an external collaborator, sent with a credential."""
    added = add_collaborator(
        actor=Actor(principal),
        project=world.research,
        email=f"{name}@partner.example",
        role=ProjectRole.MEMBER,
    )
    return Invitation.objects.get(public_id=added.public_id)


ALL = {"token", "keys", "invitation"}
ROOTS = [admin_key, account_token, service_account, access_token]
CHOICES = [
    ({}, set()),
    ({"created"}, {"token", "invitation"}),
    ({"keys"}, {"keys"}),
    ({"created", "keys"}, ALL),
]


@pytest.mark.parametrize(("chosen", "ended"), CHOICES)
@pytest.mark.parametrize("make", ROOTS)
def test_the_api_ends_what_is_asked_for(
    world: World, make: Callable[[World], Root], chosen: set[str], ended: set[str]
) -> None:
    root = make(world)
    created, caller = (
        create(world, root.principal),
        issue_admin_key(world.owner, world.organization),
    )
    names = {"created": "revoke_created", "keys": "revoke_api_keys"}
    query = "&".join(f"{names[choice]}=true" for choice in sorted(chosen))
    assert send(f"{root.path}?{query}", caller.secret, None, "DELETE").status_code == 200
    assert created.works == {name: name not in ended for name in ALL}


@pytest.mark.parametrize(("chosen", "ended"), CHOICES)
@pytest.mark.parametrize("make", ROOTS)
def test_the_page_names_and_ends_the_same(
    world: World, make: Callable[[World], Root], chosen: set[str], ended: set[str]
) -> None:
    root = make(world)
    created, browser = create(world, root.principal), signed_in(world.owner)
    text = words(browser.get(root.page))
    assert "child of Child" in text
    assert "2 API keys" in text
    data = {f"with_{'created' if choice == 'created' else 'api_keys'}": "on" for choice in chosen}
    assert browser.post(root.page, data).status_code == 302
    assert created.works == {name: name not in ended for name in ALL}


@pytest.mark.parametrize("make", ROOTS)
def test_people_whose_keys_are_revoked_are_notified(
    world: World, make: Callable[[World], Root]
) -> None:
    root = make(world)
    theirs = issued(world.research, world.project_member, "cron")
    rotate_key(actor=Actor(root.principal), key=theirs.key, overlap=DAY)
    signed_in(world.owner).post(root.page, {"with_api_keys": "on"})
    theirs_revoked = OutgoingMail.objects.filter(subject="Your API key cron was revoked")
    assert [mail.to for mail in theirs_revoked] == [world.project_member.email]


TOKENS = "Also revoke the service account tokens created with it"
# The first two withdraw their own invitations in any case.
FORMS = [
    (admin_key, "them", "Also withdraw invitations sent with keys and tokens it created"),
    (service_account, "them", "Also withdraw invitations sent with keys and tokens it created"),
    (account_token, "it or with them", "Also withdraw the pending invitations sent with it"),
    (access_token, "it or with them", "Also withdraw the pending invitations sent with it"),
]


@pytest.mark.parametrize(("make", "senders", "label"), FORMS)
def test_the_form_names_what_each_choice_ends(
    world: World, make: Callable[[World], Root], senders: str, label: str
) -> None:
    root, browser = make(world), signed_in(world.owner)
    own = invite(world, root.principal, "own")
    created = create(world, root.principal)
    text = words(browser.get(root.page))
    assert TOKENS in text
    ends = "1 pending invitation" if senders == "them" else "2 pending invitations"
    assert f"Also withdraws {ends} sent with {senders}." in text
    assert ("The pending invitation that it sent is withdrawn." in text) == (senders == "them")
    created.token.revoke(Actor.of_user(world.owner))
    text = words(browser.get(root.page))
    assert TOKENS not in text
    assert f"{label} {ends}." in text
    browser.post(root.page, {"with_created": "on"})
    own.refresh_from_db()
    assert (own.state, created.works["invitation"]) == (InvitationState.WITHDRAWN, False)


def test_the_form_names_admin_api_keys(world: World) -> None:
    root, browser = admin_key(world), signed_in(world.owner)
    create_admin_key(actor=Actor(root.principal), organization=world.organization, name="Child")
    assert "Also revoke the admin API keys created with it" in words(browser.get(root.page))
    create(world, root.principal)
    text = words(browser.get(root.page))
    assert "Also revoke the admin API keys and service account tokens created with it" in text
    assert "Also revoke the project API keys created with it 2 API keys." in text


@pytest.mark.parametrize("make", ROOTS)
def test_without_anything_created_the_page_offers_nothing(
    world: World, make: Callable[[World], Root]
) -> None:
    root = make(world)
    assert "Also revoke" not in words(signed_in(world.owner).get(root.page))


@pytest.mark.parametrize("name", ["revoke_created", "revoke_api_keys"])
@pytest.mark.parametrize("make", ROOTS)
def test_an_unclear_choice_revokes_nothing(
    world: World, make: Callable[[World], Root], name: str
) -> None:
    root, caller = make(world), issue_admin_key(world.owner, world.organization)
    refused = send(f"{root.path}?{name}=perhaps", caller.secret, None, "DELETE")
    assert (refused.status_code, error_of(refused)["param"]) == (422, name)
    assert send(root.path, caller.secret, None, "DELETE").status_code == 200
