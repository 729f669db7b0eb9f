"""Requests to support while they wait: who is told, where they show, how they are withdrawn."""

import datetime as dt

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import Action, StaffRole, SupportRequestKind, SupportRequestState
from accounts.errors import Conflict
from accounts.models import OutgoingMail, SupportRequest, User
from accounts.permissions import OrganizationRole
from accounts.support.services.requests import (
    MOST_IN_A_DAY,
    find_answerers,
    request_support,
    withdraw_request,
)
from accounts.support.services.staff import save_staff_roles
from accounts.support.services.staff_users import add_staff_user
from accounts.support.services.support import decline_request, grant_request
from tests.support.mail import mailed_to
from tests.support.pages import signed_in, words
from tests.world import World, set_limits

pytestmark = pytest.mark.django_db
PROJECTS, EXTERNALS = SupportRequestKind.PROJECTS, SupportRequestKind.EXTERNALS


def add_staff(world: World, email: str, role: StaffRole) -> User:
    save_staff_roles()
    return add_staff_user(actor=Actor.of_user(world.staff), email=email, name="S", role=role)


def send(
    world: World, kind: SupportRequestKind = PROJECTS, reason: str = "More.", limit: int | None = 9
) -> SupportRequest:
    world.organization.support_requests.all().delete()
    if kind == EXTERNALS:
        set_limits(world.organization, world.staff, limit=5, externals=False)
    return request_support(
        actor=Actor.of_user(world.admin), organization=world.organization, kind=kind,
        reason=reason, requested_limit=limit if kind == PROJECTS else None,
    )  # fmt: skip


def subjects(address: str) -> list[str]:
    return [mail.subject for mail in mailed_to(address)]


def test_the_form_takes_how_many_they_need(world: World) -> None:
    world.organization.support_requests.all().delete()
    page = reverse("project_request", args=[world.organization.slug])
    assert "How many projects do you need in total?" in words(signed_in(world.owner).get(page))
    form = {"reason": "One for each team.", "requested_limit": "12"}
    assert signed_in(world.owner).post(page, form).status_code == 302
    request = world.organization.support_requests.get()
    assert request.requested_limit == 12
    grant = reverse("admin:accounts_supportrequest_grant", args=[request.pk])
    answer = signed_in(world.staff).get(grant)
    assert answer.context["form"]["project_limit"].value() == 12
    assert "Requested project limit: 12" in words(answer)


@pytest.mark.parametrize(("limit", "status"), [("5", 409), ("0", 422), ("10001", 422), ("", 302)])
def test_a_number_that_asks_for_nothing_is_refused(world: World, limit: str, status: int) -> None:
    world.organization.support_requests.all().delete()
    page = reverse("project_request", args=[world.organization.slug])
    form = {"reason": "More.", "requested_limit": limit}
    answer = signed_in(world.owner).post(page, form)
    assert answer.status_code == status
    if status != 302:
        assert "requested_limit" in answer.context["form"].errors


def test_staff_who_can_answer_are_mailed_and_no_one_else(world: World) -> None:
    support = add_staff(world, "support1@console.example", StaffRole.SUPPORT)
    reader = add_staff(world, "reader@console.example", StaffRole.READ_ONLY)
    own = add_staff(world, "own@console.example", StaffRole.SUPPORT)
    world.organization.memberships.create(user=own, role=OrganizationRole.MEMBER)
    send(world)
    subject = "Northwind requests: more projects"
    assert subject in subjects(support.email)
    assert subject in subjects(world.staff.email)
    assert subject not in subjects(reader.email) + subjects(own.email)
    body = mailed_to(support.email)[-1].body
    assert "9 projects" in body
    assert "/admin/accounts/supportrequest/" in body


@pytest.mark.parametrize("kind", [PROJECTS, EXTERNALS])
def test_a_link_in_the_reason_is_no_link_in_the_mail(
    world: World, kind: SupportRequestKind
) -> None:
    send(world, kind, "See\nhttps://evil.example/sign-in\nwww.evil.example")
    body = mailed_to(world.staff.email)[-1].body
    assert "evil.example" not in body
    assert "https://evil" not in body
    assert "evil" in body


def test_it_shows_where_it_was_made_while_it_waits(world: World) -> None:
    request = send(world)
    withdraw = reverse(
        "support_request_withdraw", args=[world.organization.slug, request.public_id]
    )
    for name in ("projects", "organization_settings", "project_request"):
        page = signed_in(world.owner).get(reverse(name, args=[world.organization.slug]))
        assert withdraw in page.content.decode(), name
        assert "pending" in words(page)
        assert "just now" in words(page)
    member = signed_in(world.member).get(reverse("projects", args=[world.organization.slug]))
    assert withdraw not in member.content.decode()


def test_a_request_for_externals_shows_where_they_are_missed(world: World) -> None:
    request = send(world, EXTERNALS)
    pages = [
        reverse("organization_settings", args=[world.organization.slug]),
        reverse("project_settings", args=[world.research.slug]),
        reverse("collaborator_add", args=[world.research.slug]),
    ]
    for page in pages:
        html = signed_in(world.owner).get(page).content.decode()
        assert f"{request.public_id}/withdraw/" in html, page


@pytest.mark.parametrize("answer", ["granted", "declined"])
def test_the_answer_shows_where_the_request_did(world: World, answer: str) -> None:
    request, staff = send(world), Actor.of_user(world.staff)
    if answer == "granted":
        grant_request(actor=staff, request=request, note="Enjoy them.", project_limit=9)
    else:
        decline_request(actor=staff, request=request, note="Enjoy them.")
    text = words(signed_in(world.owner).get(reverse("projects", args=[world.organization.slug])))
    assert f"Support {answer} the request for more projects" in text
    assert "Enjoy them." in text
    assert f"Support {answer} your request for Northwind" in subjects(world.admin.email)


def test_it_can_be_withdrawn_and_sent_again(world: World) -> None:
    request = send(world)
    slug = world.organization.slug
    page = reverse("support_request_withdraw", args=[slug, request.public_id])
    assert "Withdraw request" in words(signed_in(world.owner).get(page))
    answer = signed_in(world.owner).post(page)
    assert answer.url == reverse("projects", args=[slug])
    request.refresh_from_db()
    assert (request.state, request.answered_by) == (SupportRequestState.WITHDRAWN, world.owner)
    assert world.organization.audit_events.filter(act=Action.SUPPORT_WITHDRAWN).count() == 1
    text = words(signed_in(world.owner).get(reverse("project_request", args=[slug])))
    assert f"{world.owner.name} withdrew the last request" in text
    assert "Send request" in text
    assert signed_in(world.owner).post(page).status_code == 409


def test_an_answered_request_cannot_be_withdrawn_nor_a_withdrawn_one_answered(
    world: World,
) -> None:
    request, admin = send(world), Actor.of_user(world.admin)
    withdraw_request(actor=admin, request=request)
    with pytest.raises(Conflict):
        decline_request(actor=Actor.of_user(world.staff), request=request, note="No.")
    again = request_support(
        actor=admin, organization=world.organization, kind=PROJECTS, reason="Again."
    )
    decline_request(actor=Actor.of_user(world.staff), request=again, note="No.")
    with pytest.raises(Conflict):
        withdraw_request(actor=admin, request=again)


def test_members_cannot_withdraw(world: World) -> None:
    request = send(world)
    with pytest.raises(PermissionDenied):
        withdraw_request(actor=Actor.of_user(world.member), request=request)


def test_requests_sent_and_withdrawn_again_have_a_limit(world: World) -> None:
    world.organization.support_requests.all().delete()
    browser, before = signed_in(world.admin), OutgoingMail.objects.count()
    page = reverse("project_request", args=[world.organization.slug])
    answers = []
    for _ in range(MOST_IN_A_DAY + 1):
        answers.append(browser.post(page, {"reason": "More."}))
        for request in world.organization.support_requests.filter(state="pending"):
            withdraw_request(actor=Actor.of_user(world.admin), request=request)
    assert [answer.status_code for answer in answers] == [302] * MOST_IN_A_DAY + [429]
    assert int(answers[-1]["Retry-After"]) > 0
    assert "has sent 10 requests to support in the last 24 hours" in words(answers[-1])
    assert OutgoingMail.objects.count() == before + MOST_IN_A_DAY
    yesterday = timezone.now() - dt.timedelta(hours=25)
    newest = world.organization.support_requests.latest("pk")
    SupportRequest.objects.filter(pk=newest.pk).update(created_at=yesterday)
    assert browser.post(page, {"reason": "More."}).status_code == 302


def test_staff_with_the_permission_itself_are_asked_as_those_with_a_role(world: World) -> None:
    staff = add_staff(world, "direct@console.example", StaffRole.READ_ONLY)
    assert staff not in find_answerers(world.organization)
    staff.user_permissions.add(Permission.objects.get(codename="change_organization"))
    assert staff in find_answerers(world.organization)
    User.objects.filter(pk=staff.pk).update(is_active=False)
    assert staff not in find_answerers(world.organization)
