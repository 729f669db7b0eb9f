"""Lists of people sent at the same moment: everyone is invited once, and nobody is lost without a word."""

from functools import partial
from typing import Any

import pytest
from django.urls import reverse

from accounts.actors import Actor
from accounts.enums import Action
from accounts.invitations.services.members import Invitee, invite_people
from accounts.models import AuditEvent, Invitation, User
from accounts.permissions import OrganizationRole
from tests.races.at_once import assert_rules_hold, at_once
from tests.support.pages import signed_in
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def unlimited(settings: Any) -> None:
    settings.INVITATIONS_PER_DAY_NEW = settings.INVITATIONS_PER_PERSON = 100_000


def sent(emails: list[str]) -> int:
    named = AuditEvent.objects.filter(stored_personal_data__target_label__in=emails)
    return named.filter(act=Action.INVITATION_SENT).count()


def invite(world: World, by: User, emails: list[str]) -> partial[Any]:
    invitees = [Invitee(email, OrganizationRole.MEMBER) for email in emails]
    actor = Actor.of_user(by)
    return partial(invite_people, actor=actor, organization=world.organization, invitees=invitees)


def test_two_lists_that_overlap_invite_everyone_once(world: World, rounds: range) -> None:
    for number in rounds:
        emails = [f"p{number}.{person}@x.example" for person in range(4)]
        lists = (emails[:3], emails[:0:-1])
        acts = zip((world.owner, world.admin), lists, strict=True)
        results = at_once([invite(world, by, some) for by, some in acts])
        assert Invitation.objects.filter(email__in=emails).count() == sent(emails) == 4
        refusals = [result.refusal for some in results for result in some if result.refusal]
        assert len(refusals) == 2
        assert all("is already invited" in refusal for refusal in refusals)
    assert_rules_hold()


def test_a_confirmed_list_sent_from_three_tabs_invites_once(world: World, rounds: range) -> None:
    path = reverse("members_invite_file", args=[world.organization.slug])
    browsers = [signed_in(world.owner) for _ in range(3)]
    for number in rounds:
        emails = [f"p{number}.{person}@x.example" for person in range(3)]
        data = {"people": "\n".join(emails), "role": "member"}
        page = browsers[0].post(path, data)
        data["form_token"] = page.context["form"]["form_token"].value()
        data["confirmed"] = page.context["preview"].mark
        responses: list[Any] = at_once([partial(browser.post, path, data) for browser in browsers])
        assert {response.status_code for response in responses} == {302}
        assert len({response["Location"] for response in responses}) == 1
        assert Invitation.objects.filter(email__in=emails).count() == sent(emails) == 3
    assert_rules_hold()
