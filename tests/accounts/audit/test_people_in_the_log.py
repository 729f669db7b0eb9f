"""The audit log names people beside their addresses, finds them by either, and says when and from what."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.actors import Actor
from accounts.audit.user_agents import describe_user_agent
from accounts.audit.writer import record
from accounts.enums import Action
from accounts.members.services import remove_member
from accounts.models import AuditEvent
from accounts.models.principals import Principal
from accounts.support.services.limits import change_limits
from tests.support.pages import signed_in, words
from tests.world import World, invited_member

pytestmark = pytest.mark.django_db
CHROME = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/141.0.0.0 Safari/537.36"
)


def open_log(world: World, **query: str) -> Any:
    return signed_in(world.owner).get(reverse("audit_log", args=[world.organization.slug]), query)


def rename_person(world: World) -> None:
    world.member.name = "Ines Haddad"
    world.member.save(update_fields=["name"])


def record_by_member(world: World) -> AuditEvent:
    actor = Actor(Principal.of_user(world.member), "203.0.113.9", "request", CHROME)
    record(
        actor,
        Action.PROFILE_CHANGED,
        organization=world.organization,
        target=world.member,
        before={"same": "value", "changed": 1},
        after={"same": "value", "changed": 2},
    )
    return AuditEvent.objects.latest("pk")


def test_a_row_has_name_address_moment_and_browser(world: World) -> None:
    rename_person(world)
    event = record_by_member(world)
    page = open_log(world)
    text = words(page)
    assert "Ines Haddad member@northwind.example Profile changed Ines Haddad" in text
    assert f"{event.at:%-d %b %Y, %H:%M:%S} UTC" in text
    assert "203.0.113.9 Chrome on macOS" in text
    assert CHROME in page.content.decode()
    assert "changed: 1 → 2" in text
    assert "same:" not in text


@pytest.mark.parametrize(
    "query",
    [
        {"q": "ines"},
        {"q": "Haddad Ines"},
        {"q": "member@northwind"},
        {"actor": "haddad"},
        {"actor": "member@northwind.example"},
    ],
)
def test_people_are_found_by_name_and_by_address(world: World, query: dict[str, str]) -> None:
    rename_person(world)
    event = record_by_member(world)
    assert event in open_log(world, **query).context["page"].rows


def test_who_left_is_still_named_and_found(world: World) -> None:
    rename_person(world)
    membership = world.organization.memberships.get(user=world.member)
    remove_member(actor=Actor.of_user(world.owner), membership=membership)
    rows = open_log(world, q="ines haddad").context["page"].rows
    assert Action.MEMBER_REMOVED in {row.act for row in rows}
    assert "Ines Haddad" in words(open_log(world))


def test_who_left_is_not_found_by_the_address_they_have_today(world: World) -> None:
    membership = world.organization.memberships.get(user=world.member)
    remove_member(actor=Actor.of_user(world.owner), membership=membership)
    world.member.email = "ines@rival.example"
    world.member.save()
    assert open_log(world, q="rival").context["page"].rows == []
    assert open_log(world, actor="rival").context["page"].rows == []


def test_the_log_names_no_one_without_access(world: World) -> None:
    """An invited address can have an account elsewhere, whose name the log must not disclose."""
    world.stranger.name = "Secret Agent"
    world.stranger.save(update_fields=["name"])
    invitation = invited_member(world.organization, world.stranger.email)
    record(
        Actor.of_user(world.owner),
        Action.INVITATION_SENT,
        organization=world.organization,
        target=invitation,
        label=world.stranger.email,
    )
    text = words(open_log(world))
    assert world.stranger.email in text
    assert "Secret Agent" not in text
    assert open_log(world, q="Secret Agent").context["page"].rows == []
    assert open_log(world, actor="secret").context["page"].rows == []


def test_limits_that_stayed_are_left_out(world: World) -> None:
    change_limits(
        actor=Actor.of_user(world.staff),
        organization=world.organization,
        project_limit=9,
        external_collaborators_enabled=True,
        note="Room.",
    )
    event = AuditEvent.objects.filter(act=Action.ORGANIZATION_LIMITS_CHANGED).latest("pk")
    assert {change.name for change in event.changes} == {"project limit", "note"}


@pytest.mark.parametrize(
    ("agent", "label"),
    [
        (CHROME, "Chrome on macOS"),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox on Linux",
        ),
        (f"{CHROME} Edg/141.0.0.0", "Edge on macOS"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("tg/1.4 (linux)", "tg/1.4"),
        ("", ""),
    ],
)
def test_a_user_agent_is_named(agent: str, label: str) -> None:
    assert describe_user_agent(agent) == label
