"""The boxes for a person's keys on *Remove user*, and what the other ways out of a project say of keys."""

import datetime as dt
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from keys.api_keys.services import revoke_key
from keys.models import ApiKey, KeySecret
from keys.verification.verdicts import verify_key
from projects.models import Collaborator
from projects.models.collaborator import today
from tests.keys.helpers.factories import many_keys
from tests.support.clock import DAY
from tests.support.mail import mailed_to
from tests.support.pages import own_queries, queries, signed_in, words
from tests.world import Actor, World, issued, set_limits

pytestmark = pytest.mark.django_db


def path(row: Collaborator, act: str = "remove") -> str:
    return reverse(f"collaborator_{act}", args=[row.project.slug, row.public_id])


def question(world: World, user: User | None = None) -> Any:
    return signed_in(user or world.owner).get(path(world.project_member_row))


def send(world: World, *chosen: str) -> Any:
    address = path(world.project_member_row)
    return signed_in(world.owner).post(address, {"revoke": list(chosen)}, follow=True)


def offered(response: Any) -> list[str]:
    return [key.name for key, _ in response.context["form"].boxes]


def is_in(world: World) -> bool:
    return world.research.collaborators.filter(user=world.project_member).exists()


def test_the_question_lists_their_active_keys_of_this_project(world: World) -> None:
    theirs = issued(world.research, world.project_member, "eval-runs").key
    KeySecret.objects.filter(api_key=theirs).update(
        last_used_at=timezone.now() - dt.timedelta(hours=2, minutes=1)
    )
    revoked = issued(world.research, world.project_member, "revoked").key
    revoke_key(actor=Actor.of_user(world.owner), key=revoked)
    expired = issued(world.research, world.project_member, "expired").key
    ApiKey.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    issued(world.production, world.project_member, "elsewhere")
    issued(world.research, world.owner, "not theirs")
    response = question(world)
    assert offered(response) == ["eval-runs", "notebooks"]
    text = words(response)
    assert "API keys they created belong to the project and keep working unless you" in text
    assert "Also revoke keys created by Project Member" in text
    assert f"eval-runs {theirs.current_secret().hint} last used 2 hours ago" in text
    assert f"notebooks {world.key.current_secret().hint} never used" in text
    assert "checked" not in response.content.decode()
    assert world.key_secret not in response.content.decode()


def test_an_external_admin_who_removes_a_member_is_asked_the_same(world: World) -> None:
    assert offered(question(world, world.external_admin)) == ["notebooks"]


def test_someone_without_keys_leaves_nothing_to_tick(world: World) -> None:
    response = signed_in(world.owner).get(path(world.external_row))
    assert 'name="revoke"' not in response.content.decode()
    assert "What they created stays in the project." in words(response)


def test_someone_who_removes_themselves_is_asked_about_their_own(world: World) -> None:
    issued(world.research, world.project_admin, "mine")
    address = path(world.project_admin_row)
    text = words(signed_in(world.project_admin).get(address))
    assert "API keys you created belong to the project" in text
    assert "Also revoke keys you created" in text


def test_the_ticked_key_is_revoked_and_the_others_stay(world: World) -> None:
    second = issued(world.research, world.project_member, "eval-runs")
    response = send(world, world.key.public_id)
    said = "Project Member is no longer listed in Research. 1 API key was revoked."
    assert said in words(response)
    assert world.project_member.email not in words(response)
    assert not is_in(world)
    assert (verify_key(world.key_secret).code, verify_key(second.secret).code) == (
        "revoked",
        "valid",
    )


@pytest.mark.parametrize("wrong", ["key_00000000000000000000", "\x00", "notebooks"])
def test_a_wrong_id_is_an_error_at_the_field_and_no_one_is_removed(
    world: World, wrong: str
) -> None:
    response = send(world, world.key.public_id, wrong)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["revoke"]
    assert "Choose from the keys listed." in words(response)
    assert is_in(world)
    assert verify_key(world.key_secret).is_valid
    assert response.context["form"].boxes[0][1], "what was ticked stays ticked"
    page = response.content.decode()
    assert 'aria-describedby="id_revoke_error"' in page
    assert 'id="id_revoke_error"' in page


def test_an_id_is_refused_also_where_there_is_no_key_to_tick(world: World) -> None:
    address = path(world.external_row)
    response = signed_in(world.owner).post(address, {"revoke": world.key.public_id})
    assert response.status_code == 422
    assert "Choose from the keys listed." in words(response)


def test_with_very_many_keys_fifty_are_listed_and_one_box_takes_all(world: World) -> None:
    many_keys(world.research, world.project_member, 99)
    response = question(world)
    assert len(offered(response)) == 50
    text = words(response)
    assert "All 100 keys" in text
    assert "Only the first 50 keys are listed." in text
    assert "to revoke the other 50 too" in text
    assert "100 API keys were revoked." in words(send(world, "all"))
    assert not world.research.api_keys.listed().active().exists()


def test_one_and_thirty_keys_cost_the_question_the_same_queries(world: World) -> None:
    counts = []
    for more in (0, 29):
        many_keys(world.research, world.project_member, more)
        browser = signed_in(world.owner)
        with queries() as captured:
            assert browser.get(path(world.project_member_row)).status_code == 200
        counts.append(len(own_queries(captured)))
    assert counts[0] == counts[1]


def test_someone_who_leaves_reads_how_many_keys_they_leave(world: World) -> None:
    address = reverse("collaborators_leave", args=[world.research.slug])
    browser = signed_in(world.project_member)
    said = "1 active API key you created stays in Research and keeps working."
    assert said in words(browser.get(address))
    many_keys(world.research, world.project_member, 2)
    response = browser.get(address)
    assert "3 active API keys you created stay in Research and keep working." in words(response)
    assert 'name="revoke"' not in response.content.decode()
    assert "active API key" not in words(signed_in(world.external).get(address))


def test_the_end_date_and_its_mails_say_that_keys_stay(world: World) -> None:
    row = world.project_member_row
    text = words(signed_in(world.owner).get(path(row, "end_date")))
    assert "1 active API key they created stays in Research and keeps working." in text
    Collaborator.objects.filter(pk=row.pk).update(end_date=today(), added_by=world.project_admin)
    call_command("tend")
    assert "API keys you created keep working" in mailed_to(world.project_member.email)[-1].body
    assert "API keys they created" in mailed_to(world.project_admin.email)[-1].body
    Collaborator.objects.filter(pk=row.pk).update(end_date=today() - DAY)
    call_command("tend")
    assert "API keys you created keep working" in mailed_to(world.project_member.email)[-1].body


def test_all_externals_can_lose_their_keys_with_one_box(world: World) -> None:
    set_limits(world.organization, world.staff, limit=5, externals=False)
    address = reverse("collaborators_remove_externals", args=[world.research.slug])
    browser = signed_in(world.owner)
    assert 'name="revoke_keys"' not in browser.get(address).content.decode()
    world.organization.refresh_from_db()
    secrets = [issued(world.research, world.external, name).secret for name in ("one", "two")]
    response = browser.get(address)
    assert "Also revoke the 2 active API keys they created" in words(response)
    assert "checked" not in response.content.decode()
    browser.post(address, {"revoke_keys": "on"})
    assert [str(verify_key(secret).code) for secret in secrets] == ["revoked", "revoked"]
    assert verify_key(world.key_secret).is_valid
