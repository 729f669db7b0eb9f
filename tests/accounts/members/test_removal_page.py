"""The boxes for a person's keys on *Remove member*, and what other ways out of it say of keys."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.actors import Actor
from accounts.models import User
from keys.verification.verdicts import verify_key
from projects.services.archive import archive_project
from tests.keys.helpers.factories import many_keys
from tests.support.pages import freshly_signed_in, own_queries, queries, signed_in, words
from tests.world import World, accept, invited_member, issued, listed

pytestmark = pytest.mark.django_db


def path(world: World, user: User) -> str:
    return reverse("member_remove", args=[world.organization.slug, user.public_id])


def question(world: World) -> Any:
    return signed_in(world.admin).get(path(world, world.project_member))


def send(world: World, *chosen: str) -> Any:
    address = path(world, world.project_member)
    return signed_in(world.admin).post(address, {"revoke": list(chosen)}, follow=True)


def is_in(world: World) -> bool:
    return world.organization.memberships.filter(user=world.project_member).exists()


def offered(response: Any) -> list[tuple[str, str]]:
    return [(key.project.name, key.name) for key, _ in response.context["form"].boxes]


def test_the_question_lists_their_keys_of_all_projects_by_project(world: World) -> None:
    issued(world.default, world.project_member, "cron")
    issued(world.production, world.project_member, "gateway")
    issued(world.research, world.project_member, "eval-runs")
    issued(world.research, world.owner, "not theirs")
    response = question(world)
    assert offered(response) == [
        ("Default Project", "cron"),
        ("Production", "gateway"),
        ("Research", "eval-runs"),
        ("Research", "notebooks"),
    ]
    text = words(response)
    assert "What they created stays: 4 active API keys created." in text
    assert "API keys they created belong to their projects and keep working unless you" in text
    assert "Also revoke keys created by Project Member All 4 keys Default Project cron" in text


def test_keys_they_made_for_another_organization_are_not_listed(world: World) -> None:
    accept(
        invited_member(world.other_organization, world.project_member.email), world.project_member
    )
    listed(world.other_project, world.project_member)
    other = issued(world.other_project, world.project_member, "rocket")
    assert offered(question(world)) == [("Research", "notebooks")]
    assert send(world, other.key.public_id).status_code == 422
    assert is_in(world)
    send(world, "all")
    assert verify_key(other.secret).is_valid


def test_keys_of_an_archived_project_are_listed_as_they_may_work_again(world: World) -> None:
    archive_project(actor=Actor.of_user(world.owner), project=world.research)
    response = question(world)
    assert offered(response) == [("Research", "notebooks")]
    assert "Research Archived" in words(response)
    send(world, world.key.public_id)
    assert verify_key(world.key_secret).code == "revoked"


def test_the_ticked_keys_are_revoked_with_the_removal(world: World) -> None:
    kept = issued(world.production, world.project_member, "gateway")
    second = issued(world.default, world.project_member, "cron")
    response = send(world, world.key.public_id, second.key.public_id)
    assert "Project Member was removed from Northwind. 2 API keys were revoked." in words(response)
    codes = [str(verify_key(one).code) for one in (world.key_secret, second.secret, kept.secret)]
    assert codes == ["revoked", "revoked", "valid"]
    log = words(signed_in(world.owner).get(reverse("audit_log", args=[world.organization.slug])))
    assert "Member removed" in log
    assert "API key revoked" in log


@pytest.mark.parametrize("wrong", ["key_00000000000000000000", "\x00", "notebooks"])
def test_a_wrong_id_is_an_error_at_the_field_and_no_one_is_removed(
    world: World, wrong: str
) -> None:
    response = send(world, world.key.public_id, wrong)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["revoke"]
    assert is_in(world)
    assert verify_key(world.key_secret).is_valid


def test_one_and_thirty_keys_cost_the_question_the_same_queries(world: World) -> None:
    counts = []
    for more in (0, 29):
        many_keys(world.research, world.project_member, more)
        browser = signed_in(world.owner)
        with queries() as captured:
            assert browser.get(path(world, world.project_member)).status_code == 200
        counts.append(len(own_queries(captured)))
    assert counts[0] == counts[1]


def test_someone_who_leaves_reads_how_many_keys_they_leave(world: World) -> None:
    many_keys(world.production, world.project_member, 2)
    address = reverse("members_leave", args=[world.organization.slug])
    response = signed_in(world.project_member).get(address)
    text = words(response)
    assert "What you created stays: 3 active API keys created." in text
    assert "API keys you created belong to their projects and keep working." in text
    assert 'name="revoke"' not in response.content.decode()


def test_someone_who_deletes_their_account_reads_which_keys_stay(world: World) -> None:
    home = world.external.home_organization
    assert home is not None
    issued(home.projects.default(), world.external, "own")
    many_keys(world.research, world.external, 3)
    text = words(freshly_signed_in(world.external).get("/accounts/delete/"))
    assert "3 active API keys you created stay in their projects and keep working." in text
    assert "Their active API key will be revoked for good." in text
