"""Everybody wants the last free place at once: projects at the limit, slugs, addresses, support's queue."""

from functools import partial

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actors import Actor
from accounts.enums import SupportRequestKind
from accounts.models import Organization, SupportRequest, User
from accounts.permissions import OrganizationRole
from accounts.support.services.requests import request_support
from projects.models import Project
from projects.services.archive import archive_project, restore_project
from projects.services.projects import change_slug, create_project, create_set
from tests.races.at_once import (
    ANSWERS,
    assert_rules_hold,
    at_once,
    outcomes,
    outcomes_in_order,
)
from tests.world import PASSWORD, World, owner_of, set_limits

pytestmark = pytest.mark.django_db(transaction=True)


def emptied(organization: Organization) -> None:
    """All projects made in a round are gone again."""
    Project.objects.filter(organization=organization, name="Raced").delete()


def creating(organization: Organization, slug: str = "") -> partial[Project]:
    return partial(
        create_project,
        actor=Actor.of_user(owner_of(organization)),
        organization=organization,
        name="Raced",
        slug=slug,
    )


def test_twenty_projects_are_made_at_once_at_the_limit(world: World, fewer_rounds: range) -> None:
    set_limits(world.organization, world.staff, limit=6)
    for _ in fewer_rounds:
        emptied(world.organization)
        assert outcomes(*[creating(world.organization)] * 20) == {"done": 3, "conflict": 17}
        assert Project.objects.filter(organization=world.organization).count() == 6
        assert_rules_hold()


def test_the_limit_is_lowered_while_a_project_is_made(world: World, rounds: range) -> None:
    for _ in rounds:
        emptied(world.organization)
        set_limits(world.organization, world.staff, limit=4)
        made, lowered = outcomes_in_order(
            creating(world.organization),
            partial(set_limits, world.organization, world.staff, limit=3),
        )
        assert sorted([made, lowered]) == ["conflict", "done"]
        assert_rules_hold()


@pytest.mark.parametrize("slug", ["raced", ""])
def test_two_organizations_want_the_same_slug(world: World, rounds: range, slug: str) -> None:
    """Slugs are unique over all organizations: no organization's lock covers them."""
    ours, theirs = world.organization, world.other_organization
    for _ in rounds:
        emptied(ours)
        emptied(theirs)
        came = outcomes(creating(ours, slug), creating(theirs, slug))
        # A typed slug is taken for the second; a suggested one gets a suffix by itself.
        assert came == ({"done": 1, "conflict": 1} if slug else {"done": 2})
        assert_rules_hold()


def test_support_is_asked_twice_at_once(world: World, rounds: range) -> None:
    set_limits(world.organization, world.staff, limit=5, externals=False)
    asking = partial(
        request_support,
        actor=Actor.of_user(world.admin),
        organization=world.organization,
        kind=SupportRequestKind.EXTERNALS,
        reason="Because.",
    )
    for _ in rounds:
        SupportRequest.objects.filter(kind=SupportRequestKind.EXTERNALS).update(state="declined")
        assert outcomes(*[asking] * 4) == {"done": 1, "conflict": 3}


def sign_up(client: Client, email: str) -> int:
    data = {"name": "Same Name", "email": email, "password1": PASSWORD}
    return client.post(reverse("account_signup"), data).status_code


def test_people_of_one_name_sign_up_at_once(
    world: World, without_throttles: None, fewer_rounds: range
) -> None:
    """Their organizations get different slugs by themselves, whoever comes first."""
    for number in fewer_rounds:
        clients = [Client(raise_request_exception=False) for _ in range(4)]
        statuses = at_once(
            [
                partial(sign_up, client, f"same{number}-{index}@example.org")
                for index, client in enumerate(clients)
            ]
        )
        assert statuses == [302] * 4
        assert User.objects.filter(email__startswith=f"same{number}-").count() == 4
        assert_rules_hold()


def test_one_address_signs_up_twice_at_once(
    world: World, without_throttles: None, fewer_rounds: range
) -> None:
    for number in fewer_rounds:
        clients = [Client(raise_request_exception=False) for _ in range(4)]
        statuses = at_once(
            [partial(sign_up, client, f"twice{number}@example.org") for client in clients]
        )
        assert set(statuses) <= ANSWERS, statuses
        assert User.objects.filter(email=f"twice{number}@example.org").count() == 1
        assert_rules_hold()


def test_the_new_project_page_answers_everyone_at_the_limit(
    world: World, fewer_rounds: range
) -> None:
    set_limits(world.organization, world.staff, limit=4)
    address = reverse("project_new", args=[world.organization.slug])
    clients = [Client(raise_request_exception=False) for _ in range(6)]
    for client in clients:
        client.force_login(world.owner)
    for _ in fewer_rounds:
        emptied(world.organization)
        posts = [partial(client.post, address, {"name": "Raced"}) for client in clients]
        answers = at_once(posts)
        assert sorted(answer.status_code for answer in answers) == [302] + [409] * 5
        assert_rules_hold()


def test_the_database_holds_the_limit_without_the_services_lock(
    world: World, rounds: range
) -> None:
    """What a script past the services would do: the trigger alone must be enough."""
    set_limits(world.organization, world.staff, limit=4)

    def raw(number: int) -> str:
        try:
            Project.objects.create(
                organization=world.organization, name="Raced", slug=f"raw-{number}"
            )
        except Exception as error:  # noqa: BLE001  (whatever it is, it is looked at below)
            return type(error).__name__
        return "done"

    for _ in rounds:
        emptied(world.organization)
        came = sorted(at_once([partial(raw, number) for number in range(5)]))
        assert came == ["IntegrityError"] * 4 + ["done"]
        assert_rules_hold()


def test_the_database_holds_the_one_owner_without_any_lock(world: World, rounds: range) -> None:
    members = [world.member, world.admin]

    def crown(user: User) -> str:
        try:
            world.organization.memberships.filter(user=user).update(role=OrganizationRole.OWNER)
        except Exception as error:  # noqa: BLE001
            return type(error).__name__
        return "done"

    for _ in rounds:
        assert at_once([partial(crown, user) for user in members]) == ["IntegrityError"] * 2
        assert_rules_hold()


def test_a_project_is_restored_while_another_takes_the_last_place(
    world: World, rounds: range
) -> None:
    archive = partial(archive_project, actor=Actor.of_user(world.owner), project=world.research)
    restore = partial(restore_project, actor=Actor.of_user(world.admin), project=world.research)
    for _ in rounds:
        set_limits(world.organization, world.staff, limit=4)
        emptied(world.organization)
        if not Project.objects.get(pk=world.research.pk).is_archived:
            archive()
        set_limits(world.organization, world.staff, limit=3)
        assert outcomes(restore, creating(world.organization)) == {"done": 1, "conflict": 1}
        assert_rules_hold()


def test_sets_of_projects_are_made_whole_or_not_at_all(world: World, rounds: range) -> None:
    set_limits(world.organization, world.staff, limit=6)
    making = partial(
        create_set,
        actor=Actor.of_user(world.owner),
        organization=world.organization,
        names=["Raced", "Raced"],
    )
    for _ in rounds:
        emptied(world.organization)
        came = outcomes(making, making, creating(world.organization))
        assert came == {"done": 2, "conflict": 1}
        assert Project.objects.filter(organization=world.organization, name="Raced").count() == 3
        assert_rules_hold()


def test_two_organizations_move_to_the_same_slug(world: World, rounds: range) -> None:
    for number in rounds:
        wanted = f"contested-{number}"
        came = outcomes(
            partial(
                change_slug, actor=Actor.of_user(world.owner), project=world.research, slug=wanted
            ),
            partial(
                change_slug,
                actor=Actor.of_user(world.stranger),
                project=world.other_project,
                slug=wanted,
            ),
        )
        assert came == {"done": 1, "conflict": 1}
        assert Project.objects.filter(slug=wanted).count() == 1
