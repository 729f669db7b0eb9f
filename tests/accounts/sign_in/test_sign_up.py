"""Signing up: the home everybody gets, what the two links of an invitation prove, and who is let in."""

import re

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from accounts.actors import Actor
from accounts.enums import Action
from accounts.models import AuditEvent, Invitation, Organization, User
from accounts.models.invitation import Link
from accounts.people.services.people import sign_up
from accounts.permissions import OrganizationRole
from projects.models import Project
from tests.database.refusals import all_rows
from tests.support.mail import mailed_to
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db

SIGN_UP = "/accounts/signup/"


def submitted(
    client: Client, email: str, *, invitation: Invitation | None = None, link: Link = Link.MAILED
) -> HttpResponse:
    """The sign-up form sent, reached as the page of the invitation leads to it."""
    query = {}
    if invitation is not None:
        token = invitation.token(link)
        query = {"invitation": token, "next": reverse("invitation", args=[token])}
    answer: HttpResponse = client.post(
        SIGN_UP,
        {"name": "New Person", "email": email, "password1": PASSWORD},
        query_params=query,
    )
    return answer


def is_signed_in(client: Client) -> bool:
    return client.get(reverse("profile")).status_code == 200


def code_in(message: str) -> str:
    """The code of the mail: the one line that is nothing else."""
    found = re.search(r"^\s*([A-Z0-9]{3,8}(?:-[A-Z0-9]{3,8})?)\s*$", message, re.MULTILINE)
    assert found, message
    return found[1]


def test_signing_up_makes_an_organization_of_their_own_with_its_default_project(
    client: Client,
) -> None:
    assert submitted(client, "New.Person@Example.org").status_code == 302
    user = User.objects.get(email="new.person@example.org")
    home = user.home_organization
    assert home is not None
    assert home.memberships.get().user == user
    assert home.memberships.get().role == OrganizationRole.OWNER
    project = Project.objects.get(organization=home)
    assert (project.is_default, project.slug) == (True, f"{home.slug}-default")
    assert (home.project_limit, home.external_collaborators_enabled) == (1, False)
    assert AuditEvent.objects.get(organization=home).act == Action.ORGANIZATION_CREATED


def test_the_address_must_be_proved_by_the_mailed_code_before_anything_opens(
    client: Client,
) -> None:
    submitted(client, "new@example.org")
    user = User.objects.get(email="new@example.org")
    assert not user.proves("new@example.org")
    assert not is_signed_in(client)
    (message,) = mailed_to("new@example.org")
    client.post(reverse("account_email_verification_sent"), {"code": code_in(str(message.body))})
    assert user.proves("NEW@example.org")
    assert is_signed_in(client)


def test_a_wrong_code_proves_nothing(client: Client) -> None:
    submitted(client, "new@example.org")
    client.post(reverse("account_email_verification_sent"), {"code": "WRONG1"})
    assert not User.objects.get(email="new@example.org").proves("new@example.org")
    assert not is_signed_in(client)


def test_two_people_of_one_name_get_organizations_with_different_slugs(client: Client) -> None:
    for number in range(3):
        submitted(Client(), f"new{number}@example.org")
    slugs = Organization.objects.order_by("pk").values_list("slug", flat=True)
    assert list(slugs) == ["new-person", "new-person-2", "new-person-3"]


@pytest.mark.parametrize("email", ["owner@northwind.example", "OWNER@Northwind.Example"])
def test_a_known_address_gets_the_same_answer_and_no_second_account(
    world: World, client: Client, email: str
) -> None:
    fresh = submitted(Client(), "fresh@example.org")
    before = all_rows()
    known = submitted(client, email)
    assert (known.status_code, known["Location"]) == (fresh.status_code, fresh["Location"])
    after = all_rows()
    # A mail tells the person that there is an account already; nothing else is written.
    told = after.pop("accounts_outgoingmail")[len(before.pop("accounts_outgoingmail")) :]
    assert [mail["to"] for mail in told] == [email.lower()]
    assert after == before
    assert not is_signed_in(client)
    pages = [one.get(fresh["Location"]) for one in (client, Client())]
    assert pages[0].status_code == 200


def test_a_known_address_costs_the_work_of_a_fresh_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the time to answer would tell which addresses have an account."""
    hashed: list[str] = []

    def set_password(user: User, password: str) -> None:
        hashed.append(user.email)
        user.password = "x"

    monkeypatch.setattr(User, "set_password", set_password)
    writes = []
    for email in ("fresh@example.org", world.member.email):
        with CaptureQueriesContext(connection) as captured:
            submitted(Client(), email)
        statements = (query["sql"] for query in captured)
        writes.append([sql.split("(")[0] for sql in statements if sql.startswith("INSERT INTO")])
    fresh, known = map(set, writes)
    assert len(hashed) == 2
    assert fresh - known == {'INSERT INTO "account_emailaddress" '}


def test_who_followed_the_mailed_link_has_proved_the_address(world: World, client: Client) -> None:
    answer = submitted(client, world.invitation.email, invitation=world.invitation)
    user = User.objects.get(email=world.invitation.email)
    token = world.invitation.token(Link.MAILED)
    assert (answer.status_code, answer["Location"]) == (302, f"/invitations/{token}/")
    assert user.proves(user.email)
    assert is_signed_in(client)
    assert not user.collaborations.exists(), "signing up is not accepting"  # type: ignore[attr-defined]
    assert client.post(reverse("invitation_accept", args=[token])).status_code == 302
    assert world.research.collaborators.filter(user=user, membership=None).exists()


def test_who_followed_a_copied_link_must_enter_the_mailed_code_first(
    world: World, client: Client
) -> None:
    token = world.invitation.token(Link.COPIED)
    submitted(client, world.invitation.email, invitation=world.invitation, link=Link.COPIED)
    user = User.objects.get(email=world.invitation.email)
    assert not user.proves(user.email)
    assert not is_signed_in(client)
    assert client.post(reverse("invitation_accept", args=[token])).status_code == 302
    assert not world.research.collaborators.filter(user=user).exists()
    code = code_in(str(mailed_to(user.email)[-1].body))
    client.post(reverse("account_email_verification_sent"), {"code": code})
    assert client.post(reverse("invitation_accept", args=[token])).status_code == 302
    assert world.research.collaborators.filter(user=user).exists()


def test_with_no_mail_at_all_the_operator_may_let_a_copied_link_prove_it(
    world: World, client: Client, settings: Settings
) -> None:
    settings.NO_MAIL = True
    submitted(client, world.invitation.email, invitation=world.invitation, link=Link.COPIED)
    assert User.objects.get(email=world.invitation.email).proves(world.invitation.email)


def test_an_invited_outsider_gets_an_organization_of_their_own(
    world: World, client: Client
) -> None:
    submitted(client, world.invitation.email, invitation=world.invitation)
    user = User.objects.get(email=world.invitation.email)
    assert user.home_organization not in (None, world.organization)
    assert user.memberships.get().organization == user.home_organization


def test_an_invited_member_gets_the_inviting_organization_as_home_and_none_of_their_own(
    world: World, client: Client
) -> None:
    organizations = Organization.objects.count()
    invitation = world.member_invitation
    submitted(client, invitation.email, invitation=invitation)
    user = User.objects.get(email=invitation.email)
    assert user.home_organization == world.organization
    assert not user.memberships.exists(), "signing up is not accepting"
    token = invitation.token(Link.MAILED)
    assert client.post(reverse("invitation_accept", args=[token])).status_code == 302
    assert user.memberships.get().organization == world.organization
    assert Organization.objects.count() == organizations


def test_an_invitation_is_for_its_own_address_alone(world: World, client: Client) -> None:
    before = all_rows()
    answer = submitted(client, "another@example.org", invitation=world.invitation)
    assert answer.status_code == 422
    assert all_rows() == before


@pytest.mark.parametrize("signup", ["open", "invite", "closed"])
@pytest.mark.parametrize("link", [None, Link.MAILED, Link.COPIED])
def test_the_installation_decides_who_may_sign_up(
    world: World, client: Client, settings: Settings, signup: str, link: Link | None
) -> None:
    settings.SIGNUP = signup
    before = User.objects.count()
    if link is None:
        submitted(client, world.invitation.email)
    else:
        submitted(client, world.invitation.email, invitation=world.invitation, link=link)
    allowed = signup == "open" or (signup == "invite" and link is not None)
    assert User.objects.count() - before == allowed


def test_a_finished_invitation_does_not_allow_sign_up(
    world: World, client: Client, settings: Settings
) -> None:
    settings.SIGNUP = "invite"
    Invitation.objects.filter(pk=world.invitation.pk).update(state="withdrawn")
    before = User.objects.count()
    submitted(client, world.invitation.email, invitation=world.invitation)
    assert User.objects.count() == before


@pytest.mark.parametrize(
    "password", ["fourteen chars", "manchesterunited", "x" * 129, "new.person@example.org", ""]
)
def test_short_common_endless_and_obvious_passwords_are_refused(
    client: Client, password: str
) -> None:
    data = {"name": "New", "email": "new.person@example.org", "password1": password}
    assert client.post(SIGN_UP, data).status_code == 422
    assert not User.objects.exists()


def test_a_home_that_cannot_be_made_leaves_no_half_account(world: World) -> None:
    """The user, their organization and its Default Project are one transaction."""
    before = all_rows()
    with pytest.raises(Exception, match=r"(?i)unique"):
        sign_up(
            actor=Actor.without_account(),
            user=User(email=world.owner.email, name="Again"),
            invitation=None,
        )
    assert all_rows() == before
