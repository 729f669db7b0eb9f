"""The API keys page: whose they are, in which state, what can be done with each; filter and sort."""

import datetime as dt
import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.members.services import remove_member
from accounts.models import User
from keys.api_keys.services import revoke_key, rotate_key
from keys.enums import KeyMakers, KeyStatus
from keys.models import ApiKey, KeyPolicy
from keys.verification.last_used import flush_uses
from projects.models import Project
from projects.services.archive import archive_project
from projects.services.collaborators import remove_collaborator
from tests.keys.helpers.gateway_client import code_of
from tests.support.clock import DAY, set_clock
from tests.support.pages import freshly_signed_in, signed_in, words
from tests.world import World, issued

pytestmark = pytest.mark.django_db
ACTS = {
    "rotate": "Rotate",
    "finish": "Finish rotation now",
    "undo": "Undo rotation",
    "expiration": "Set expiration",
    "expiration/cancel": "Cancel expiration",
    "rename": "Rename",
    "tags": "Edit tags",
    "limits": "Limits",
    "revoke": "Revoke",
}


def opened(user: User, project: Project, **query: str) -> Any:
    response = signed_in(user).get(reverse("api_keys", args=[project.slug]), query)
    assert response.status_code == 200
    return response


def named(response: Any) -> list[str]:
    return [row.key.name for row in response.context["rows"]]


def row_of(response: Any, name: str) -> str:
    """The words of the key's line, and its menu's."""
    rows = re.findall(r"<tr>.*?</tr>", response.content.decode(), re.DOTALL)
    found = next(row for row in rows if f"<b>{name}</b>" in row)
    return " ".join(re.sub(r"<[^>]*>", " ", found).split())


def acts_on(response: Any, key: ApiKey) -> set[str]:
    """What can be done with the key: the addresses in its menu below its own."""
    start = f"/settings/projects/{key.project.slug}/api-keys/{key.public_id}/"
    return set(re.findall(f'href="{start}([a-z/]*)/"', response.content.decode()))


def test_a_key_is_shown_with_hint_status_creator_use_and_end(world: World, credential: str) -> None:
    code_of(credential, world.key_secret)
    flush_uses()
    end = dt.datetime(2999, 3, 13, tzinfo=dt.UTC)
    ApiKey.objects.filter(pk=world.key.pk).update(expires_at=end)
    response = opened(world.external, world.research)
    line = row_of(response, "notebooks")
    hint = f"{world.key_secret[:7]}…{world.key_secret[-4:]}"
    # The last day it works, not the midnight after it.
    for part in (hint, "Active", "Project Member", "just now", "12 Mar 2999"):
        assert part in line
    assert world.key_secret not in response.content.decode()
    assert "1 key" in words(response)
    assert "aria-current" in response.content.decode()


def test_the_default_key_and_keys_of_elsewhere_are_not_listed(world: World) -> None:
    assert named(opened(world.owner, world.default)) == []
    assert "Organization Default Key" not in words(opened(world.owner, world.default, status="all"))
    assert named(opened(world.owner, world.research)) == ["notebooks"]
    assert named(opened(world.stranger, world.other_project, status="all")) == ["notebooks"]


def test_a_key_that_is_rotated_shows_both_secrets_and_the_use_of_each(
    world: World, credential: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    code_of(credential, world.key_secret)
    flush_uses()
    start = timezone.now()
    set_clock(monkeypatch, start + dt.timedelta(hours=3))
    issue = rotate_key(actor=Actor.of_user(world.owner), key=world.key, overlap=DAY)
    response = opened(world.project_member, world.research)
    line = row_of(response, "notebooks")
    for secret in (world.key_secret, issue.secret):
        assert f"{secret[:7]}…{secret[-4:]}" in line
        assert secret not in response.content.decode()
    assert "old, expires in 1 day" in line
    assert "Rotating" in line
    assert "Never old: 3 hours ago" in line
    possible = {"rotate", "finish", "undo", "expiration", "rename", "limits", "tags", "revoke"}
    assert acts_on(response, world.key) == possible
    set_clock(monkeypatch, start + 2 * DAY)
    assert "old" not in row_of(opened(world.owner, world.research), "notebooks")


def test_only_acts_that_are_possible_are_offered(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ending = issued(world.research, world.owner, "ending", expires_at=timezone.now() + DAY).key
    gone = issued(world.research, world.owner, "gone").key
    revoke_key(actor=Actor.of_user(world.owner), key=gone)
    response = opened(world.external, world.research, status="all")
    assert acts_on(response, world.key) == {"rotate", "expiration", "rename", "tags", "revoke"}
    assert acts_on(response, gone) == set()
    every = {"rotate", "expiration", "expiration/cancel", "rename", "tags", "revoke"}
    assert acts_on(response, ending) == every
    for label in (ACTS[act] for act in every):
        assert label in row_of(response, "ending")
    assert "Expires soon" in row_of(response, "ending")
    set_clock(monkeypatch, timezone.now() + 2 * DAY)
    response = opened(world.external, world.research)
    assert acts_on(response, ending) == every - {"rotate"}
    assert "Expired" in row_of(response, "ending")


def test_a_policy_that_asks_for_an_end_offers_no_way_to_take_it_away(world: World) -> None:
    ending = issued(world.research, world.owner, "ending", expires_at=timezone.now() + DAY).key
    KeyPolicy.objects.create(organization=world.organization, longest_days=30)
    response = opened(world.owner, world.research)
    assert "expiration/cancel" not in acts_on(response, ending)
    assert "expiration" in acts_on(response, ending)


def test_where_admins_alone_make_keys_the_page_says_so_to_the_others(world: World) -> None:
    KeyPolicy.objects.create(organization=world.organization, makers=KeyMakers.ADMINS)
    for person, limits in ((world.project_member, {"limits"}), (world.external, set())):
        response = opened(person, world.research)
        assert "leaves creating and rotating keys to Project Admins" in words(response)
        assert "Create API key" not in words(response)
        assert acts_on(response, world.key) == {"expiration", "rename", "tags", "revoke"} | limits
    for person in (world.owner, world.project_admin, world.external_admin):
        response = opened(person, world.research)
        assert "Create API key" in words(response)
        assert "rotate" in acts_on(response, world.key)


def test_an_archived_project_shows_its_keys_and_offers_nothing(world: World) -> None:
    archive_project(actor=Actor.of_user(world.owner), project=world.research)
    response = opened(world.owner, world.research)
    assert named(response) == ["notebooks"]
    assert "The API keys of this project don't work at the moment." in words(response)
    assert "Create API key" not in words(response)
    assert acts_on(response, world.key) == set()


def test_keys_outlive_who_made_them_and_say_that_they_are_gone(world: World) -> None:
    outside = issued(world.research, world.external, "outside").key
    assert "has left" not in words(opened(world.owner, world.research))
    remove_collaborator(actor=Actor.of_user(world.owner), collaborator=world.external_row)
    membership = world.organization.memberships.get(user=world.project_member)
    remove_member(actor=Actor.of_user(world.owner), membership=membership)
    response = opened(world.owner, world.research)
    for key in (world.key, outside):
        assert f"{key.created_by.name} has left" in row_of(response, key.name)  # type: ignore[union-attr]


def test_a_deleted_account_is_shown_as_deleted(world: World) -> None:
    client = freshly_signed_in(world.project_member)
    client.post(reverse("account_delete"), {"typed": world.project_member.email})
    line = row_of(opened(world.owner, world.research), "notebooks")
    assert "Deleted user" in line
    assert "has left" not in line


def test_a_revoked_key_leaves_the_list_and_is_found_by_its_status(world: World) -> None:
    issued(world.research, world.owner, "other")
    revoke_key(actor=Actor.of_user(world.admin), key=world.key)
    response = opened(world.owner, world.research)
    assert named(response) == ["other"]
    assert "2 keys, 1 revoked" in words(response)
    revoked = opened(world.owner, world.research, status="revoked")
    assert named(revoked) == ["notebooks"]
    assert "by Admin" in row_of(revoked, "notebooks")
    assert "1 of 2 keys, 1 revoked" in words(revoked)
    assert len(named(opened(world.owner, world.research, status="all"))) == 2


def test_each_status_is_a_filter(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, now = Actor.of_user(world.owner), timezone.now()
    issued(world.research, world.owner, "expired", expires_at=now + DAY)
    issued(world.research, world.owner, "expires-soon", expires_at=now + 10 * DAY)
    rotating = issued(world.research, world.owner, "rotating").key
    revoked = issued(world.research, world.owner, "revoked").key
    rotate_key(actor=owner, key=rotating, overlap=7 * DAY)
    revoke_key(actor=owner, key=revoked)
    set_clock(monkeypatch, now + 2 * DAY)
    for status in KeyStatus:
        expected = "notebooks" if status == KeyStatus.ACTIVE else status.value
        response = opened(world.owner, world.research, status=status)
        assert named(response) == [expected]
        assert status.label in row_of(response, expected)


def test_text_finds_a_name_a_hint_and_an_id(world: World) -> None:
    other = issued(world.research, world.owner, "prod-inference")
    for text in ("INFER", other.secret[3:7], other.key.public_id, f"{other.secret[:7]}…"):
        assert named(opened(world.owner, world.research, q=text)) == ["prod-inference"]
    assert named(opened(world.owner, world.research, q=other.secret[10:20])) == []
    nobody = words(opened(world.owner, world.research, q="nothing\x00like this"))
    assert "No matching keys" in nobody
    assert "Clear filter" in nobody


def test_their_own_keys_are_a_filter(world: World) -> None:
    issued(world.research, world.owner, "mine")
    assert named(opened(world.owner, world.research, creator="me")) == ["mine"]
    assert named(opened(world.project_member, world.research, creator="me")) == ["notebooks"]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", ["c", "B", "a"]),
        ("created", ["a", "B", "c"]),
        ("name", ["a", "B", "c"]),
        ("-name", ["c", "B", "a"]),
        ("used", ["c", "a", "B"]),
        ("-used", ["B", "a", "c"]),
        ("expires", ["B", "c", "a"]),
        ("-expires", ["a", "c", "B"]),
        ("nonsense", ["c", "B", "a"]),
    ],
)
def test_it_sorts_by_name_making_use_and_end(world: World, sort: str, order: list[str]) -> None:
    now = timezone.now()
    for name, end, used in (("a", None, 2), ("B", now + DAY, 1), ("c", now + 2 * DAY, None)):
        key = issued(world.production, world.owner, name, expires_at=end).key
        key.secrets.update(last_used_at=now - used * DAY if used else None)
    assert named(opened(world.owner, world.production, sort=sort)) == order


def test_a_project_without_keys_explains_them_and_how_to_try_a_key(world: World) -> None:
    text = words(opened(world.owner, world.production))
    for part in (
        "No API keys yet",
        "Programs use API keys to authenticate",
        'curl -i -H "Authorization: Bearer YOUR_KEY" http://testserver/v1/auth',
    ):
        assert part in text
    assert text.count("Create API key") == 2


def test_the_side_counts_active_keys_and_the_overviews_too(world: World) -> None:
    issued(world.research, world.owner, "second")
    revoke_key(
        actor=Actor.of_user(world.owner), key=issued(world.research, world.owner, "third").key
    )
    client = signed_in(world.owner)
    page = words(client.get(reverse("project", args=[world.research.slug])))
    assert "API keys 2 Usage Budgets Limits Settings" in page
    assert "API keys 2 active" in page
    issued(world.production, world.owner, "elsewhere")
    organization = reverse("organization", args=[world.organization.slug])
    assert "3 active in all projects" in words(client.get(organization))
    assert "in all projects" not in words(signed_in(world.project_member).get(organization))
