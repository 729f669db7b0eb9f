"""Support's queue in Django admin: what waits, granting and declining it, and what the customer learns."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.actors import Actor
from accounts.enums import Action, SupportRequestKind, SupportRequestState
from accounts.errors import Conflict
from accounts.members.services import remove_member
from accounts.models import SupportRequest
from accounts.support.services.requests import request_support
from accounts.support.services.support import decline_request, grant_request
from tests.support.mail import mailed_to
from tests.support.pages import signed_in, words
from tests.world import World, set_limits

pytestmark = pytest.mark.django_db
QUEUE = reverse("admin:accounts_supportrequest_changelist")
NOTE = {"note": "You signed the contract."}


def address(act: str, request: SupportRequest) -> str:
    return reverse(f"admin:accounts_supportrequest_{act}", args=[request.pk])


def answer(world: World, act: str, request: SupportRequest, **data: str) -> Any:
    return signed_in(world.staff).post(address(act, request), {**NOTE, **data})


def wish_for_externals(world: World) -> SupportRequest:
    set_limits(world.organization, world.staff, limit=5, externals=False)
    return request_support(
        actor=Actor.of_user(world.admin),
        organization=world.organization,
        kind=SupportRequestKind.EXTERNALS,
        reason="Two consultants.",
    )


def shown(response: Any) -> list[SupportRequest]:
    return list(response.context["cl"].result_list)


def test_the_queue_opens_on_what_waits_the_oldest_first(world: World) -> None:
    newest = wish_for_externals(world)
    decline_request(actor=Actor.of_user(world.staff), request=world.support_request, note="No.")
    staff = signed_in(world.staff)
    assert shown(staff.get(QUEUE)) == [world.other_support_request, newest]
    assert shown(staff.get(QUEUE, {"state": "declined"})) == [world.support_request]
    assert len(shown(staff.get(QUEUE, {"state": "all"}))) == 3


def test_a_request_offers_both_answers_until_it_is_answered(world: World) -> None:
    page = reverse("admin:accounts_supportrequest_change", args=[world.support_request.pk])
    acts = [address(act, world.support_request) for act in ("grant", "decline")]
    html = signed_in(world.staff).get(page).content.decode()
    assert [act in html for act in acts] == [True, True]
    answer(world, "decline", world.support_request)
    response = signed_in(world.staff).get(page)
    assert [act in response.content.decode() for act in acts] == [False, False]
    assert NOTE["note"] in words(response)


def test_granting_raises_the_limit_and_tells_everyone(world: World) -> None:
    page = signed_in(world.staff).get(address("grant", world.support_request))
    assert page.context["form"]["project_limit"].value() == 6
    assert answer(world, "grant", world.support_request, project_limit="8").status_code == 302
    world.organization.refresh_from_db()
    world.support_request.refresh_from_db()
    assert world.organization.project_limit == 8
    assert world.support_request.state == SupportRequestState.GRANTED
    event = world.organization.audit_events.get(act=Action.SUPPORT_GRANTED)
    assert (event.actor, event.target_id) == (world.staff, world.support_request.public_id)
    assert (event.values_before["project_limit"], event.values_after["project_limit"]) == (5, 8)
    assert event.values_after["note"] == NOTE["note"]
    assert LogEntry.objects.filter(user=world.staff, object_id=world.support_request.pk).exists()
    [mail] = mailed_to(world.owner.email)
    assert mail.subject == "Support granted your request for Northwind"
    assert "8 projects" in mail.body
    assert NOTE["note"] in mail.body
    asked = signed_in(world.owner).get(reverse("project_request", args=[world.organization.slug]))
    assert "Support granted the last request" in words(asked)


def test_declining_changes_no_limit_and_is_mailed(world: World) -> None:
    assert answer(world, "decline", world.support_request).status_code == 302
    world.organization.refresh_from_db()
    assert world.organization.project_limit == 5
    event = world.organization.audit_events.get(act=Action.SUPPORT_DECLINED)
    assert event.values_before == {key: event.values_after[key] for key in event.values_before}
    [mail] = mailed_to(world.owner.email)
    assert mail.subject == "Support declined your request for Northwind"
    assert NOTE["note"] in mail.body


def test_granting_externals_turns_the_switch(world: World) -> None:
    request = wish_for_externals(world)
    page = signed_in(world.staff).get(address("grant", request))
    assert "project_limit" not in page.context["form"].fields
    assert answer(world, "grant", request).status_code == 302
    world.organization.refresh_from_db()
    assert world.organization.external_collaborators_enabled
    assert world.organization.project_limit == 5
    [mail] = mailed_to(world.admin.email)
    assert "external collaborators" in mail.body


@pytest.mark.parametrize(
    ("limit", "status", "words_said"),
    [
        ("4", 409, "Their limit is 5 now"),
        ("0", 422, "greater than or equal to 1"),
        ("", 422, "required"),
        ("10001", 422, "less than or equal to 10000"),
    ],
)
def test_a_limit_that_gives_nothing_is_refused_at_its_field(
    world: World, limit: str, status: int, words_said: str
) -> None:
    response = answer(world, "grant", world.support_request, project_limit=limit)
    assert response.status_code == status
    assert words_said in " ".join(response.context["form"].errors["project_limit"])
    world.support_request.refresh_from_db()
    assert world.support_request.is_pending


def test_an_answer_needs_a_note(world: World) -> None:
    response = answer(world, "decline", world.support_request, note=" ")
    assert (response.status_code, "note" in response.context["form"].errors) == (422, True)


@pytest.mark.parametrize("act", ["grant", "decline"])
def test_what_is_answered_cannot_be_answered_again(world: World, act: str) -> None:
    decline_request(actor=Actor.of_user(world.staff), request=world.support_request, note="No.")
    response = answer(world, act, world.support_request, project_limit="9")
    assert response.status_code == 409
    assert "This request was already answered" in words(response)
    world.organization.refresh_from_db()
    assert world.organization.project_limit == 5


def test_the_services_take_staff_alone(world: World) -> None:
    for person in (world.owner, world.stranger):
        with pytest.raises(PermissionDenied):
            grant_request(
                actor=Actor.of_user(person),
                request=world.support_request,
                note="x",
                project_limit=9,
            )
        with pytest.raises(PermissionDenied):
            decline_request(actor=Actor.of_user(person), request=world.support_request, note="x")
    with pytest.raises(Conflict):
        grant_request(
            actor=Actor.of_user(world.staff),
            request=world.support_request,
            note="x",
            project_limit=1,
        )


def test_someone_who_asked_and_was_removed_since_does_not_get_the_answer(world: World) -> None:
    request = wish_for_externals(world)
    row = world.organization.memberships.get(user=world.admin)
    remove_member(actor=Actor.of_user(world.owner), membership=row)
    answer(world, "grant", request)
    subject = "Support granted your request for Northwind"
    assert subject not in [mail.subject for mail in mailed_to(world.admin.email)]
    assert subject in [mail.subject for mail in mailed_to(world.owner.email)]
