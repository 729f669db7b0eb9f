"""Several members changed or removed at once: named first, each on its own, the others with the reason."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actors import Actor
from accounts.enums import Action
from accounts.members.services import remove_member
from accounts.members.several.services import change_roles_of_members, remove_several_members
from accounts.models import AuditEvent, Membership, User
from accounts.permissions import OrganizationRole
from keys.models import ApiKey
from tests.support.mail import mailed_to
from tests.support.pages import queries, signed_in, words
from tests.world import World, issued, join

pytestmark = pytest.mark.django_db
ADMIN = OrganizationRole.ADMIN
PAGES = ("members_role", "members_remove")


def address(world: World, name: str) -> str:
    return reverse(name, args=[world.organization.slug])


def selected(*users: User) -> dict[str, Any]:
    return {"people": [user.public_id for user in users]}


def ask(world: World, name: str, *users: User, by: str = "owner", **query: str) -> Any:
    client = Client(raise_request_exception=False)
    client.force_login(getattr(world, by))
    return client.get(address(world, name), {**selected(*users), **query})


def send(world: World, name: str, *users: User, by: str = "owner", **data: str) -> Any:
    client = Client(raise_request_exception=False)
    client.force_login(getattr(world, by))
    return client.post(address(world, name), {**selected(*users), **data}, follow=True)


def roles(world: World) -> dict[str, str]:
    return dict(world.organization.memberships.values_list("user__email", "role"))


def events(act: Action) -> list[str]:
    return list(AuditEvent.objects.filter(act=act).values_list("target_id", flat=True))


@pytest.mark.parametrize("name", PAGES)
def test_everyone_is_named_before_anything_is_done(world: World, name: str) -> None:
    before = roles(world)
    response = ask(world, name, world.member, world.project_member, world.owner)
    assert response.status_code == 200
    text = words(response)
    assert "2 members" in text
    for user in (world.member, world.project_member):
        assert f"{user.name} {user.email} · Member" in text
    assert (
        f"Not changed: {world.owner.name} You can't change yourself together with others." in text
    )
    assert roles(world) == before


@pytest.mark.parametrize("name", PAGES)
def test_the_owner_is_named_with_the_reason(world: World, name: str) -> None:
    response = ask(world, name, world.owner, world.member, by="admin")
    reason = "They are the Owner. Transfer the ownership first."
    assert f"Not changed: {world.owner.name} {reason}" in words(response)
    response = send(world, name, world.owner, world.member, by="admin", role="admin")
    assert f"Not changed: {world.owner.name}: {reason}" in words(response)
    assert roles(world)[world.owner.email] == "owner"
    assert roles(world).get(world.member.email) != "member"


def test_all_selected_get_the_role_an_audit_event_and_an_email(world: World) -> None:
    users = (world.member, world.project_member)
    response = send(world, "members_role", *users, role="admin")
    assert "2 people are now Admin of Northwind." in words(response)
    assert {roles(world)[user.email] for user in users} == {"admin"}
    assert sorted(events(Action.MEMBER_ROLE_CHANGED)) == sorted(user.public_id for user in users)
    for user in users:
        (message,) = mailed_to(user.email)
        assert message.subject == "Your role in Northwind changed"


def test_all_selected_lose_access_and_get_an_email(world: World) -> None:
    response = send(world, "members_remove", world.member, world.project_member)
    assert "2 people were removed from Northwind." in words(response)
    assert not {world.member.email, world.project_member.email} & roles(world).keys()
    assert len(events(Action.MEMBER_REMOVED)) == 2
    for user in (world.member, world.project_member):
        assert signed_in(user).get(address(world, "members")).status_code == 404
        subjects = [message.subject for message in mailed_to(user.email)]
        assert "You are no longer a member of Northwind" in subjects
    assert not world.research.collaborators.filter(user=world.project_member).exists()


def test_keys_stay_unless_they_are_to_be_revoked(world: World) -> None:
    issued(world.production, world.project_member, "batch")
    made = ApiKey.objects.active().filter(created_by=world.project_member)
    number = made.count()
    text = words(ask(world, "members_remove", world.member, world.project_member))
    assert f"Also revoke the {number} active API keys they created" in text
    send(world, "members_remove", world.member)
    assert made.count() == number
    send(world, "members_remove", world.project_member, revoke_keys="on")
    assert made.count() == 0


def test_one_that_has_the_role_already_is_named_and_the_others_are_changed(world: World) -> None:
    response = send(world, "members_role", world.admin, world.member, role="admin")
    text = words(response)
    assert f"{world.member.name} is now Admin of Northwind." in text
    assert f"Not changed: {world.admin.name}: Their role is already Admin." in text
    assert len(events(Action.MEMBER_ROLE_CHANGED)) == 1


def test_if_no_one_can_be_changed_the_page_says_why(world: World) -> None:
    response = send(world, "members_role", world.admin, role="admin")
    assert response.status_code == 409
    assert f"{world.admin.name}: Their role is already Admin." in words(response)
    for name in PAGES:
        response = send(world, name, world.owner, role="admin")
        assert response.status_code == 409
        assert "None of the selected people can be changed here." in words(response)
    assert events(Action.MEMBER_ROLE_CHANGED) == []


def test_one_who_left_in_the_meantime_is_counted_and_the_others_are_changed(world: World) -> None:
    membership = world.organization.memberships.get(user=world.project_member)
    remove_member(actor=Actor.of_user(world.owner), membership=membership)
    users = (world.member, world.project_member)
    assert "1 person you selected is no longer in the list." in words(
        ask(world, "members_role", *users)
    )
    response = send(world, "members_role", *users, role="admin")
    assert f"{world.member.name} is now Admin of Northwind." in words(response)


def test_the_service_names_one_who_left_between_the_page_and_the_lock(world: World) -> None:
    rows = list(
        world.organization.memberships.filter(user__in=[world.member, world.project_member])
    )
    remove_member(actor=Actor.of_user(world.owner), membership=rows[1])
    done, gone = change_roles_of_members(
        actor=Actor.of_user(world.owner),
        organization=world.organization,
        memberships=rows,
        role=ADMIN,
    )
    assert (done.refusal, gone.refusal) == ("", "They were removed in the meantime.")
    assert gone.name == rows[1].user.name


def test_the_services_take_no_member_of_elsewhere(world: World) -> None:
    other = Membership.objects.get(user=world.other_member, organization=world.other_organization)
    own = world.organization.memberships.get(user=world.member)
    results = remove_several_members(
        actor=Actor.of_user(world.owner), organization=world.organization, memberships=[other, own]
    )
    assert [bool(result.refusal) for result in results] == [True, False]
    assert Membership.objects.filter(pk=other.pk).exists()


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("reference", ["", "1", "user_00000000000000000000", "x\x00' OR 1=1"])
def test_a_person_of_another_organization_is_answered_like_an_unknown_person(
    world: World, name: str, reference: str
) -> None:
    client = Client()
    client.force_login(world.owner)
    data = {"people": reference or world.other_member.public_id, "role": "admin"}
    answers = [client.get(address(world, name), data), client.post(address(world, name), data)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == client.get("/no-such-page/").content
    assert Membership.objects.filter(user=world.other_member).exists()


@pytest.mark.parametrize("name", PAGES)
def test_none_and_too_many_are_refused_with_a_sentence(world: World, name: str) -> None:
    assert "Select people in the list first." in words(ask(world, name))
    assert send(world, name, role="admin").status_code == 422
    many = {"people": [f"user_{number}" for number in range(51)], "role": "admin"}
    client = signed_in(world.owner)
    for response in (
        client.get(address(world, name), many),
        client.post(address(world, name), many),
    ):
        assert response.status_code == 422
        assert "Select at most 50 people at once." in words(response)


@pytest.mark.parametrize("role", ["", "owner", "boss"])
def test_a_role_no_one_can_give_changes_nothing(world: World, role: str) -> None:
    response = send(world, "members_role", world.member, role=role)
    assert response.status_code == 422
    assert roles(world)[world.member.email] == "member"


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(
    ("by", "status"),
    [
        *(("admin", 200), ("member", 403), ("project_admin", 403), ("external_admin", 403)),
        *(("former", 404), ("stranger", 404), ("staff", 404)),
    ],
)
def test_those_who_manage_members_alone_may(world: World, name: str, by: str, status: int) -> None:
    before = roles(world)
    assert ask(world, name, world.project_member, by=by).status_code == status
    assert send(world, name, world.project_member, by=by, role="admin").status_code == status
    assert (roles(world) == before) is (status != 200)


def test_the_way_back_keeps_the_filter_of_the_list(world: World) -> None:
    path = f"{address(world, 'members_role')}?q=a&role=member&people={world.member.public_id}"
    data = {**selected(world.member), "role": "admin"}
    response = signed_in(world.owner).post(path, data)
    assert response["Location"] == f"{address(world, 'members')}?q=a&role=member"


def test_the_list_has_boxes_for_those_who_manage_members(world: World) -> None:
    path = address(world, "members")
    source = signed_in(world.owner).get(path).content.decode()
    assert f'aria-label="Select {world.member.name}"' in source
    assert f'formaction="{address(world, "members_remove")}"' in source
    assert "Select all on this page" in source
    assert "Select all on this page" not in signed_in(world.member).get(path).content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_many_cost_as_many_queries_as_one(world: World, name: str) -> None:
    users = [join(world.organization, f"p{number}@x.example") for number in range(30)]
    client = signed_in(world.owner)

    def count(number: int) -> int:
        with queries() as made:
            client.get(address(world, name), selected(*users[:number]))
        return len(made)

    count(1)
    assert count(1) == count(30)
