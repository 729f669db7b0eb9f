"""Several collaborators changed or removed at once: named first, the others with the reason."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actors import Actor
from accounts.enums import Action
from accounts.models import AuditEvent
from accounts.permissions import ProjectRole
from keys.models import ApiKey
from projects.models import Collaborator
from projects.services.collaborators import remove_collaborator
from projects.services.several import change_several_roles, remove_several
from tests.support.mail import mailed_to
from tests.support.pages import queries, signed_in, words
from tests.world import World, join, listed

pytestmark = pytest.mark.django_db
PAGES = ("collaborators_role", "collaborators_remove")


def address(world: World, name: str) -> str:
    return reverse(name, args=[world.research.slug])


def selected(*rows: Collaborator) -> dict[str, Any]:
    return {"people": [row.public_id for row in rows]}


def ask(world: World, name: str, *rows: Collaborator, by: str = "owner") -> Any:
    client = Client(raise_request_exception=False)
    client.force_login(getattr(world, by))
    return client.get(address(world, name), selected(*rows))


def send(world: World, name: str, *rows: Collaborator, by: str = "owner", **data: str) -> Any:
    client = Client(raise_request_exception=False)
    client.force_login(getattr(world, by))
    return client.post(address(world, name), {**selected(*rows), **data}, follow=True)


def roles(world: World) -> dict[str, str]:
    return dict(world.research.collaborators.values_list("public_id", "role"))


def changes(act: Action) -> int:
    return AuditEvent.objects.filter(act=act).count()


@pytest.mark.parametrize("name", PAGES)
def test_everyone_is_named_before_anything_is_done(world: World, name: str) -> None:
    before = roles(world)
    text = words(ask(world, name, world.project_member_row, world.external_row))
    for row in (world.project_member_row, world.external_row):
        assert f"{row.user.name} {row.user.email} · Member" in text
    assert roles(world) == before


@pytest.mark.parametrize("name", PAGES)
def test_those_out_of_reach_are_named_with_the_reason(world: World, name: str) -> None:
    rows = (world.external_admin_row, world.external_row, world.project_member_row)
    text = words(ask(world, name, *rows, by="external_admin"))
    assert f"{world.external_admin.name} You can't change yourself together with others." in text
    assert f"{world.external.name} Your role does not allow it." in text
    before = roles(world)
    response = send(world, name, *rows, by="external_admin", role="admin")
    assert f"{world.external.name}: Your role does not allow it." in words(response)
    after = roles(world)
    assert after[world.external_row.public_id] == before[world.external_row.public_id]
    assert after[world.external_admin_row.public_id] == "admin"
    assert after.get(world.project_member_row.public_id) != "member"


def test_all_selected_get_the_role_an_audit_event_and_an_email(world: World) -> None:
    rows = (world.project_member_row, world.external_row)
    before = changes(Action.COLLABORATOR_ROLE_CHANGED)
    response = send(world, "collaborators_role", *rows, role="admin")
    assert "2 people are now Admin of Research." in words(response)
    assert {roles(world)[row.public_id] for row in rows} == {"admin"}
    assert changes(Action.COLLABORATOR_ROLE_CHANGED) == before + 2
    for row in rows:
        assert "Your role in Research" in [mail.subject for mail in mailed_to(row.user.email)]


def test_all_selected_are_removed_and_keys_revoked_if_wanted(world: World) -> None:
    made = ApiKey.objects.active().filter(created_by=world.project_member, project=world.research)
    rows = (world.project_member_row, world.external_row)
    before, number = changes(Action.COLLABORATOR_REMOVED), made.count()
    assert "Also revoke the active API key they created" in words(
        ask(world, "collaborators_remove", *rows)
    )
    response = send(world, "collaborators_remove", *rows)
    assert "2 people are no longer listed in Research." in words(response)
    assert changes(Action.COLLABORATOR_REMOVED) == before + 2
    assert made.count() == number
    row = listed(world.research, world.project_member)
    send(world, "collaborators_remove", row, revoke_keys="on")
    assert made.count() == 0


def test_if_no_one_can_be_changed_the_page_says_why(world: World) -> None:
    response = send(world, "collaborators_role", world.project_admin_row, role="admin")
    assert response.status_code == 409
    assert f"{world.project_admin.name}: Their role is already Admin." in words(response)


def test_one_who_left_in_the_meantime_is_counted_and_the_others_are_changed(world: World) -> None:
    remove_collaborator(actor=Actor.of_user(world.owner), collaborator=world.external_row)
    rows = (world.external_row, world.project_member_row)
    text = words(ask(world, "collaborators_role", *rows))
    assert "1 person you selected is no longer in the list." in text
    response = send(world, "collaborators_role", *rows, role="admin")
    assert f"{world.project_member.name} is now Admin of Research." in words(response)


def test_the_services_name_one_who_is_gone_and_take_no_one_of_elsewhere(world: World) -> None:
    remove_collaborator(actor=Actor.of_user(world.owner), collaborator=world.external_row)
    rows = (world.external_row, world.other_row, world.project_member_row)
    actor = Actor.of_user(world.owner)
    results = change_several_roles(
        actor=actor, project=world.research, collaborators=rows, role=ProjectRole.ADMIN
    )
    gone = "They were removed in the meantime."
    assert [result.refusal for result in results] == [gone, gone, ""]
    results = remove_several(actor=actor, project=world.research, collaborators=rows)
    assert [result.refusal for result in results] == [gone, gone, ""]
    assert Collaborator.objects.filter(pk=world.other_row.pk).exists()


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("reference", ["", "1", "collab_00000000000000000000", "x\x00' OR 1=1"])
def test_a_row_of_elsewhere_is_answered_like_an_unknown_row(
    world: World, name: str, reference: str
) -> None:
    client = signed_in(world.owner)
    data = {"people": reference or world.other_row.public_id, "role": "admin"}
    answers = [client.get(address(world, name), data), client.post(address(world, name), data)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == client.get("/no-such-page/").content
    assert Collaborator.objects.filter(pk=world.other_row.pk).exists()


@pytest.mark.parametrize("name", PAGES)
def test_none_are_refused_with_a_sentence(world: World, name: str) -> None:
    assert "Select people in the list first." in words(ask(world, name))
    assert send(world, name, role="admin").status_code == 422


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(
    ("by", "status"),
    [
        *(("admin", 200), ("project_admin", 200), ("external_admin", 200)),
        *(("project_member", 403), ("external", 403)),
        *(("member", 404), ("former", 404), ("stranger", 404), ("staff", 404)),
    ],
)
def test_those_who_manage_collaborators_alone_may(
    world: World, name: str, by: str, status: int
) -> None:
    before = roles(world)
    row = world.project_member_row
    assert ask(world, name, row, by=by).status_code == status
    assert send(world, name, row, by=by, role="admin").status_code == status
    assert (roles(world) == before) is (status != 200)


def test_the_list_has_boxes_for_those_who_manage_collaborators(world: World) -> None:
    path = address(world, "collaborators")
    source = signed_in(world.owner).get(path).content.decode()
    assert f'name="people" value="{world.external_row.public_id}"' in source
    assert f'formaction="{address(world, "collaborators_remove")}"' in source
    member = signed_in(world.project_member).get(path).content.decode()
    assert "Select all on this page" not in member
    assert 'name="people"' not in member


@pytest.mark.parametrize("name", PAGES)
def test_many_cost_as_many_queries_as_one(world: World, name: str) -> None:
    users = [join(world.organization, f"p{number}@x.example") for number in range(30)]
    rows = [listed(world.research, user) for user in users]
    client = signed_in(world.owner)

    def count(number: int) -> int:
        with queries() as made:
            client.get(address(world, name), selected(*rows[:number]))
        return len(made)

    count(1)
    assert count(1) == count(30)
