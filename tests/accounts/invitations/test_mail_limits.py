"""How many invitations can be mailed within a day: by an organization, by a person, to an address."""

import datetime as dt

import pytest
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Invitation, OutgoingMail
from tests.support.pages import signed_in, words
from tests.world import World

pytestmark = pytest.mark.django_db


def invite(world: World, *emails: str) -> HttpResponse:
    address = reverse("member_invite", args=[world.organization.slug])
    form = {"emails": "\n".join(emails), "role": "member"}
    return signed_in(world.owner).post(address, form)  # type: ignore[return-value]


def assert_too_many(world: World, response: HttpResponse, *emails: str) -> None:
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert "in the last 24 hours" in words(response)
    assert not Invitation.objects.filter(email__in=emails).exists()


def sent(world: World) -> int:
    return OutgoingMail.objects.filter(invitation__organization=world.organization).count()


def make_old(world: World) -> None:
    world.organization.created_at = timezone.now() - dt.timedelta(days=8)
    world.organization.save(update_fields=["created_at"])


def test_an_organization_has_a_limit(world: World, settings: Settings) -> None:
    make_old(world)
    settings.INVITATIONS_PER_DAY = sent(world) + 2
    assert invite(world, "a@b.example", "b@b.example").status_code == 302
    assert_too_many(world, invite(world, "c@b.example"), "c@b.example")


def test_a_bulk_invitation_stops_at_the_limit(world: World, settings: Settings) -> None:
    make_old(world)
    settings.INVITATIONS_PER_DAY = sent(world) + 2
    response = invite(world, "a@b.example", "b@b.example", "c@b.example")
    assert_too_many(world, response, "c@b.example")
    assert Invitation.objects.filter(email__in=["a@b.example", "b@b.example"]).count() == 2


def test_a_new_organization_starts_with_a_lower_limit(world: World, settings: Settings) -> None:
    settings.INVITATIONS_PER_DAY_NEW = sent(world)
    assert_too_many(world, invite(world, "a@b.example"), "a@b.example")
    make_old(world)
    assert invite(world, "a@b.example").status_code == 302


def test_a_person_has_a_limit_over_all_organizations(world: World, settings: Settings) -> None:
    by_owner = OutgoingMail.objects.filter(invitation__invited_by=world.owner).count()
    settings.INVITATIONS_PER_PERSON = by_owner
    assert_too_many(world, invite(world, "a@b.example"), "a@b.example")


def test_an_address_gets_few_mails_however_often_they_are_resent(
    world: World, settings: Settings
) -> None:
    settings.INVITATIONS_PER_RECIPIENT = 3
    invite(world, "a@b.example")
    invitation = Invitation.objects.get(email="a@b.example")
    resend = reverse(
        "member_invitation_resend", args=[world.organization.slug, invitation.public_id]
    )
    owner = signed_in(world.owner)
    assert [owner.post(resend).status_code for _ in range(4)] == [302, 302, 429, 429]
    assert OutgoingMail.objects.filter(to="a@b.example").count() == 3


def test_mails_of_yesterday_do_not_count(world: World, settings: Settings) -> None:
    settings.INVITATIONS_PER_RECIPIENT = 1
    invite(world, "a@b.example")
    yesterday = timezone.now() - dt.timedelta(hours=25)
    OutgoingMail.objects.filter(to="a@b.example").update(created_at=yesterday)
    invitation = Invitation.objects.get(email="a@b.example")
    address = reverse(
        "member_invitation_resend", args=[world.organization.slug, invitation.public_id]
    )
    assert signed_in(world.owner).post(address).status_code == 302
