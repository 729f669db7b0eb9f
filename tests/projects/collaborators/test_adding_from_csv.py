"""Several collaborators added at once from a CSV file: members at once, others invited by email."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.enums import Action
from accounts.models import AuditEvent, Invitation, OutgoingMail
from projects.models import Project
from tests.support.pages import queries, signed_in, words
from tests.world import World, join

pytestmark = pytest.mark.django_db
HEADING = "email;name;role;end date\r\n"


def address(project: Project) -> str:
    return reverse("collaborators_add_file", args=[project.slug])


def upload(world: World, rows: str, *, by: str = "owner", project: Project | None = None) -> Any:
    file = SimpleUploadedFile("people.csv", (HEADING + rows).encode("utf-8-sig"))
    client = signed_in(getattr(world, by))
    return client.post(address(project or world.research), {"file": file, "role": "member"})


def confirm(world: World, page: Any, *, by: str = "owner", project: Project | None = None) -> Any:
    form, preview = page.context["form"], page.context["preview"]
    fields = {name: form[name].value() for name in ("people", "role", "form_token")}
    client = signed_in(getattr(world, by))
    data = {**fields, "confirmed": preview.mark}
    return client.post(address(project or world.research), data, follow=True)


def results(page: Any) -> dict[str, str]:
    return {row.person.email: row.note or row.result for row in page.context["preview"].rows}


def roles(project: Project) -> dict[str, str]:
    return dict(project.collaborators.values_list("user__email", "role"))


def test_members_are_added_and_others_invited_in_one_step(world: World) -> None:
    before = roles(world.research)
    page = upload(world, f"{world.member.email};;Admin;2999-12-31\r\nnew@x.example;New;;\r\n")
    assert results(page) == {
        world.member.email: "Will be added",
        "new@x.example": "Will be invited",
    }
    assert "Admin, until 31 Dec 2999" in words(page)
    assert roles(world.research) == before
    response = confirm(world, page)
    assert "2 people were added or invited to Research." in words(response)
    assert roles(world.research) == {**before, world.member.email: "admin"}
    assert str(world.research.collaborators.get(user=world.member).end_date) == "2999-12-31"
    invitation = Invitation.objects.get(email="new@x.example")
    assert invitation.project_ref == world.research.public_id
    assert (
        AuditEvent.objects.filter(act=Action.COLLABORATOR_ADDED).latest("pk").values_after["role"]
        == "admin"
    )
    assert OutgoingMail.objects.filter(to="new@x.example").count() == 1
    assert "You already sent this form." in words(confirm(world, page))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("nobody;;;", "“nobody” is not an email address."),
        ("a@x.example;;owner;", "“owner” is not a project role. Use admin or member."),
        ("a@x.example;;;soon", "“soon” is not a date. Write it as 2026-12-31."),
        ("a@x.example;;;2020-01-01", "The end date is in the past."),
        ("a@x.example;;;9999-12-31", "Choose a date up to the year 9998"),
        ("good@x.example;;;", "Same email address as in line 2."),
        ("{listed};;;", "Project Member is already a collaborator."),
        ("{invited};;;", "Already invited."),
    ],
)
def test_a_row_that_is_refused_is_named_with_its_reason_and_stops_no_other(
    world: World, row: str, reason: str
) -> None:
    row = row.format(listed=world.project_member.email, invited=world.invitation.email)
    page = upload(world, f"good@x.example;;;\r\n{row}\r\n")
    (refused,) = page.context["preview"].refused
    assert refused.person.line == 3
    assert reason in refused.note
    confirm(world, page)
    assert Invitation.objects.filter(email="good@x.example").exists()


def test_while_externals_are_off_others_are_refused_with_the_switch(world: World) -> None:
    page = upload(
        world, f"{world.member.email};;;\r\nnew@x.example;;;\r\n", project=world.production
    )
    assert "Production does not allow external collaborators." in results(page)["new@x.example"]
    confirm(world, page, project=world.production)
    assert world.member.email in roles(world.production)
    assert not Invitation.objects.filter(email="new@x.example").exists()


def test_the_limit_of_invitations_is_said_before_and_spares_members(
    world: World, settings: Settings
) -> None:
    settings.INVITATIONS_PER_PERSON = 0
    page = upload(world, f"new@x.example;;;\r\n{world.member.email};;;\r\n")
    assert "You can't send more invitations now." in results(page)["new@x.example"]
    assert results(page)[world.member.email] == "Will be added"


def test_an_external_admin_does_not_learn_who_is_a_member(world: World) -> None:
    rows = [world.member.email, world.project_member.email, world.stranger.email, "new@x.example"]
    page = upload(world, "".join(f"{email};;;\r\n" for email in rows), by="external_admin")
    assert set(results(page).values()) == {"Added if they are a member"}
    response = confirm(world, page, by="external_admin")
    assert "Those who are members of Northwind are now collaborators of Research." in words(
        response
    )
    assert world.member.email in roles(world.research)
    assert not Invitation.objects.filter(email="new@x.example").exists()


def test_no_one_is_added_to_the_default_project(world: World) -> None:
    response = upload(world, "new@x.example;;;\r\n", project=world.default)
    assert response.status_code == 409
    assert "Every member of the organization has access" in words(response)


@pytest.mark.parametrize(
    ("by", "status"),
    [("project_admin", 200), ("project_member", 403), ("member", 404), ("stranger", 404)],
)
def test_those_who_may_add_may_upload(world: World, by: str, status: int) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(getattr(world, by))
    data = {"people": "new@x.example", "role": "member"}
    assert client.get(address(world.research)).status_code == status
    assert client.post(address(world.research), data).status_code == status


def test_the_whole_file_costs_as_many_queries_as_one_row(world: World) -> None:
    users = [join(world.organization, f"p{number}@x.example") for number in range(10)]
    client = signed_in(world.owner)

    def count(emails: list[str]) -> int:
        with queries() as made:
            client.post(address(world.research), {"people": "\n".join(emails), "role": "member"})
        return len(made)

    emails = [user.email for user in users] + [f"new{number}@x.example" for number in range(100)]
    count(emails[:1])
    assert count(emails[:1]) == count(emails)
