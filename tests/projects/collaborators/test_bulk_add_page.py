"""Add collaborator with several addresses: each its own result, nothing of it told to who may not know."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.enums import Action
from accounts.models import AuditEvent, Invitation, User
from projects.models import Collaborator, Project
from tests.support.mail import mailed_to
from tests.support.pages import signed_in, words
from tests.world import World, build_world, set_limits

pytestmark = pytest.mark.django_db
ONE, TWO = "one@elsewhere.example", "two@elsewhere.example"


@pytest.fixture
def world() -> World:
    return build_world()


def add(user: User, project: Project, text: str, **more: str) -> Any:
    path = reverse("collaborator_add", args=[project.slug])
    return signed_in(user).post(path, {"email": text, "role": "member", **more}, follow=True)


def rows() -> tuple[int, int, int]:
    return Collaborator.objects.count(), Invitation.objects.count(), AuditEvent.objects.count()


def left_in_field(response: Any) -> list[str]:
    return str(response.context["form"]["email"].value()).split(", ")


def test_members_join_and_outsiders_are_invited_in_one_act(world: World) -> None:
    text = f"Member <{world.member.email}>; {ONE}\n{TWO}, {ONE}"
    response = add(world.owner, world.research, text)
    said = words(response)
    assert response.redirect_chain
    assert "Now collaborators of Research: Member." in said
    assert f"Invited to Research: {ONE}, {TWO}. They get access when they accept." in said
    assert world.research.collaborators.filter(user=world.member).exists()
    for email in (ONE, TWO):
        assert len(mailed_to(email)) == 1
    acts = list(AuditEvent.objects.order_by("-pk").values_list("act", flat=True)[:3])
    assert acts == [Action.INVITATION_SENT, Action.INVITATION_SENT, Action.COLLABORATOR_ADDED]


def test_a_refused_address_stays_in_the_field_with_its_reason_and_the_others_are_added(
    world: World,
) -> None:
    listed, pending = world.project_member.email, world.invitation.email
    text = f"{listed}, {world.member.email}, {pending}, {ONE}"
    response = add(world.owner, world.research, text, end_date="2999-12-31")
    assert response.status_code == 422
    assert left_in_field(response) == [listed, pending]
    errors = response.context["form"].errors["email"]
    assert errors == [
        f"{listed}: Project Member is already a collaborator of this project.",
        f"{pending} already has an invitation. Resend or withdraw it in the list.",
    ]
    said = words(response)
    assert "Now collaborators of Research: Member." in said
    assert ONE in said
    assert world.research.collaborators.filter(user=world.member).exists()
    assert Invitation.objects.pending().filter(email=ONE).exists()
    assert 'value="2999-12-31"' in response.content.decode()


def test_with_externals_off_members_join_and_each_outsider_gets_a_reason(world: World) -> None:
    set_limits(world.organization, world.staff, limit=5, externals=False)
    response = add(world.owner, world.research, f"{ONE} {world.member.email} {TWO}")
    assert response.status_code == 422
    assert left_in_field(response) == [ONE, TWO]
    assert all(
        "not enabled for Northwind" in one for one in response.context["form"].errors["email"]
    )
    assert world.research.collaborators.filter(user=world.member).exists()


@pytest.mark.parametrize("bad", ["nobody", "a@b", "x@y@z.example", "<b>@x.example"])
def test_with_an_invalid_address_nothing_is_done(world: World, bad: str) -> None:
    before = rows()
    response = add(world.owner, world.research, f"{ONE}, {bad}, {world.member.email}")
    assert response.status_code == 422
    assert f"“{bad}” is not an email address" in words(response)
    assert rows() == before


def test_a_day_that_is_over_is_about_all_of_them(world: World) -> None:
    before = rows()
    response = add(world.owner, world.research, f"{ONE}, {TWO}", end_date="2020-01-01")
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"end_date"}
    assert rows() == before


def test_the_default_project_takes_none_of_them(world: World) -> None:
    before = rows()
    assert add(world.owner, world.default, f"{ONE}, {TWO}").status_code == 409
    assert rows() == before


def test_more_than_fifty_are_too_many(world: World) -> None:
    before = rows()
    many = " ".join(f"p{number}@x.example" for number in range(51))
    response = add(world.owner, world.research, many)
    assert response.status_code == 422
    assert "at most 50" in words(response)
    assert rows() == before


def test_fifty_go_at_once(world: World) -> None:
    many = "\n".join(f"p{number}@x.example" for number in range(50))
    assert add(world.owner, world.research, many).redirect_chain
    assert Invitation.objects.pending().filter(email__endswith="@x.example").count() == 50


def test_for_an_external_admin_any_mixture_gets_the_same_answer(world: World) -> None:
    mixtures = [
        [world.member.email, ONE],
        [world.project_member.email, world.external.email],
        [world.invitation.email, world.stranger.email],
        [world.owner.email, TWO],
    ]
    answers = set()
    for addresses in mixtures:
        response = add(world.external_admin, world.research, ", ".join(addresses))
        (message,) = response.context["messages"]
        answers.add((response.redirect_chain[0], str(message)))
    assert len(answers) == 1
    assert "Of these 2 people, members of Northwind are now" in answers.pop()[1]
    assert world.research.collaborators.filter(user=world.member).exists()
    assert not Invitation.objects.filter(email__in=[ONE, TWO]).exists()
