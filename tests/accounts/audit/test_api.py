"""The audit log by the API: pages, ranges and filters; events as OpenAI's clients read them; who may."""

from collections.abc import Callable
from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from django.utils import timezone
from openai.types.admin.organization import AuditLogListParams

from accounts.actors import Actor
from accounts.audit.event_types import NAMES, find_actions, format_event_type
from accounts.audit.payloads import AuditEventObject
from accounts.enums import Action
from accounts.models import AuditEvent
from accounts.organizations.services.organizations import change_organization
from accounts.web.cursors import encode_cursor
from keys.admin_keys.services import IssuedAdminKey
from keys.enums import TokenScope
from projects.services.endings import end_accesses
from projects.services.projects import change_slug
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.api_client import error_of
from tests.keys.helpers.management import READ_BY_ADMINS, find_statuses, send
from tests.keys.helpers.personal_tokens import made
from tests.keys.helpers.service_accounts import acting_account
from tests.support.clock import DAY, set_clock
from tests.support.pages import queries
from tests.world import World, issued

pytestmark = pytest.mark.django_db
LOGS = "/v1/organization/audit_logs"
Read = Callable[..., list[Any]]


@pytest.fixture
def key(world: World) -> IssuedAdminKey:
    return issue_admin_key(world.owner, world.organization)


@pytest.fixture
def read(key: IssuedAdminKey) -> Read:
    return lambda query="": send(key.secret, "GET", f"{LOGS}?{query}").json()["data"]


def rename(world: World, number: int) -> None:
    actor = Actor.of_user(world.owner)
    change_organization(actor=actor, organization=world.organization, name=f"Name {number}")


def numbers(events: list[Any]) -> list[int]:
    return [event["sequence"] for event in events]


def test_an_event_of_a_session_says_what_who_and_from_where(world: World, read: Read) -> None:
    actor = Actor.of_user(world.owner)
    actor = Actor(actor.principal, "203.0.113.9", "req-1", "Firefox")
    change_organization(actor=actor, organization=world.organization, name="Labs")
    event = AuditEvent.objects.latest("pk")
    user = {"id": world.owner.public_id, "email": world.owner.email}
    assert read("limit=1") == [
        {
            "object": "organization.audit_log",
            "id": event.public_id,
            "type": "organization.updated",
            "console_type": "organization.changed",
            "effective_at": int(event.at.timestamp()),
            "sequence": event.sequence,
            "actor": {
                "type": "session",
                "console_type": "person",
                "name": world.owner.email,
                "session": {"user": user, "ip_address": "203.0.113.9", "user_agent": "Firefox"},
                "api_key": None,
                "ip_address": "203.0.113.9",
                "user_agent": "Firefox",
            },
            "project": None,
            "target": {"id": world.organization.public_id, "name": "Labs"},
            "before": {"name": "Northwind"},
            "after": {"name": "Labs"},
            "request_id": "req-1",
            "hash": event.hash,
            "organization.updated": {
                "id": world.organization.public_id,
                "changes_requested": {"name": "Labs"},
            },
        }
    ]


def test_an_event_of_a_credential_names_it(world: World, key: IssuedAdminKey, read: Read) -> None:
    token = made(world.admin, world.organization, scope=TokenScope.WRITE)
    for secret in (key.secret, token.secret):
        send(secret, "POST", "/v1/organization", {"name": f"Name {secret[:2]}"}, agent="x")
    by_token, by_key = read("limit=2")
    assert by_key["actor"]["type"] == "api_key"
    assert by_key["actor"]["console_type"] == "admin_key"
    assert by_key["actor"]["api_key"] == {
        "id": key.key.public_id, "type": None, "user": None, "service_account": None,
    }  # fmt: skip
    assert by_key["actor"]["ip_address"] == "127.0.0.1"
    assert by_token["actor"]["api_key"]["id"] == token.token.public_id
    assert by_token["actor"]["api_key"]["type"] == "user"
    assert by_token["actor"]["api_key"]["user"]["id"] == world.admin.public_id
    assert by_token["actor"]["session"] is None


def test_a_service_account_is_named_and_found_by_its_own_id(world: World, read: Read) -> None:
    account, secret = acting_account(world.owner, world.research)
    body = {"name": "Research lab"}
    path = f"/v1/organization/projects/{world.research.public_id}"
    assert send(secret, "POST", path, body).status_code == 200
    (event,) = read(f"actor_ids[]={account.public_id}")
    assert event["type"] == "project.updated"
    assert event["actor"]["console_type"] == "service_account"
    assert event["actor"]["api_key"] == {
        "id": account.tokens.get().public_id,
        "type": "service_account",
        "user": None,
        "service_account": {"id": account.public_id, "name": "CI"},
    }
    about = read(f"project_ids[]={world.research.public_id}&limit=2")
    assert [event["target"]["id"].partition("_")[0] for event in about] == ["proj", "svctok"]


def test_what_the_console_did_has_no_actor(world: World, read: Read) -> None:
    row = world.project_member_row
    row.end_date = (timezone.now() - 3 * DAY).date()
    row.save(update_fields=["end_date"])
    end_accesses()
    (event,) = read("event_types[]=collaborator.ended")
    assert (event["actor"]["type"], event["actor"]["console_type"]) == (None, "console")
    assert event["project"] == {"id": world.research.public_id, "name": "Research"}


def test_pages_follow_each_other_in_both_orders_while_it_grows(world: World, read: Read) -> None:
    total = world.organization.audit_chain.length
    for order in ("asc", "desc"):
        seen, after = list[int](), ""
        while page := read(f"limit=7&order={order}{after}"):
            seen += numbers(page)
            after = f"&after={page[-1]['id']}"
            if len(seen) < 30:
                rename(world, len(seen))
        grown = AuditEvent.objects.filter(organization=world.organization).count()
        expected = list(range(1, grown + 1))
        if order == "asc":
            assert seen == expected  # none is missed, and none comes twice
            total = grown
        else:
            assert seen == list(range(total, 0, -1))


def test_before_and_after_are_a_range_and_before_alone_is_next_to_it(
    world: World, key: IssuedAdminKey
) -> None:
    def page(query: str) -> Any:
        return send(key.secret, "GET", f"{LOGS}?{query}").json()

    newest = page("limit=100")["data"]
    first, last = newest[0]["id"], newest[9]["id"]
    between = page(f"after={first}&before={last}&limit=100")
    assert (numbers(between["data"]), between["has_more"]) == (numbers(newest[1:9]), False)
    beside = page(f"before={last}&limit=3")
    assert (numbers(beside["data"]), beside["has_more"]) == (numbers(newest[6:9]), True)
    assert numbers(page(f"before={beside['first_id']}")["data"]) == numbers(newest[:6])
    assert page(f"before={first}") == {
        "object": "list", "data": [], "first_id": None, "last_id": None, "has_more": False,
    }  # fmt: skip
    upward = page(f"order=asc&before={first}&limit=2")
    assert numbers(upward["data"]) == [newest[2]["sequence"], newest[1]["sequence"]]
    foreign = AuditEvent.objects.filter(organization=world.other_organization).first()
    assert foreign
    for param in ("before", "after"):
        for wrong in (foreign.public_id, "event_x", "x", "", encode_cursor("2026-11-30", 1)):
            answer = send(key.secret, "GET", f"{LOGS}?{param}={wrong}")
            assert (answer.status_code, error_of(answer)["param"]) == (422, param), wrong


def test_times_are_whole_seconds_as_they_are_shown(
    world: World, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = timezone.now().replace(microsecond=0) + DAY
    for number in range(3):
        set_clock(monkeypatch, moment + DAY / 86_400 * (number + 0.5))
        rename(world, number)
    first = int(moment.timestamp())
    names = [event["after"]["name"] for event in read(f"effective_at[gte]={first}&order=asc")]
    assert names == ["Name 0", "Name 1", "Name 2"]

    def within(query: str) -> list[str]:
        return [
            e["after"]["name"][-1] for e in read(f"{query}&effective_at[gte]={first}&order=asc")
        ]

    assert within(f"effective_at[gt]={first}") == ["1", "2"]
    assert within(f"effective_at[lt]={first + 1}") == ["0"]
    assert within(f"effective_at[lte]={first + 1}") == ["0", "1"]
    assert within("effective_at[lte]=253402300799") == ["0", "1", "2"]


def test_filters_choose_by_type_actor_object_and_project(world: World, read: Read) -> None:
    issued(world.production, world.project_member, "prod")
    change_slug(actor=Actor.of_user(world.owner), project=world.research, slug="research-lab")

    def acts(query: str) -> set[str]:
        return {event["console_type"] for event in read(f"limit=100&{query}")}

    assert acts("event_types[]=project.created") == {"project.created"}
    assert acts("event_types[]=api_key.created&event_types[]=member.joined") == {
        "key.created", "member.joined",
    }  # fmt: skip
    assert acts("event_types[]=group.created") == set()
    by_member = read(f"actor_ids[]={world.project_member.public_id}&limit=100")
    assert {event["actor"]["name"] for event in by_member} == {world.project_member.email}
    assert numbers(read("actor_emails[]=PROJECT.member@northwind.example&limit=100")) == numbers(
        by_member
    )
    assert read("actor_emails[]=stranger@contoso.example") == []
    assert acts(f"resource_ids[]={world.key.public_id}") == {"key.created"}
    research = read(f"project_ids[]={world.research.public_id}&limit=100")
    assert {event["project"]["id"] for event in research} == {world.research.public_id}
    assert {event["console_type"] for event in research} == {
        "project.created", "project.changed", "project.slug_changed",
        "collaborator.added", "collaborator.removed", "invitation.sent", "invitation.accepted",
        "key.created",
    }  # fmt: skip
    both = f"project_ids[]={world.research.public_id}&project_ids[]={world.production.public_id}"
    assert len(read(f"{both}&limit=100")) > len(research)
    assert read(f"project_ids[]={world.other_project.public_id}") == []
    assert read("project_ids[]=%00&resource_ids[]=%00&actor_ids[]=%00&actor_emails[]=%00") == []


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("event_types[]=project.create", "event_types[][0]"),
        ("event_types[]=project.created&event_types[]=", "event_types[][1]"),
        ("effective_at[gt]=now", "effective_at[gt]"),
        ("effective_at[lt]=-1", "effective_at[lt]"),
        ("effective_at[lte]=253402300800", "effective_at[lte]"),
        ("limit=101", "limit"),
        ("order=newest", "order"),
        ("tenant_only=true", "tenant_only"),
        ("tenant_only=perhaps", "tenant_only"),
        ("&".join(["resource_ids[]=x"] * 101), "resource_ids[]"),
    ],
)
def test_a_wrong_parameter_is_named(key: IssuedAdminKey, query: str, param: str) -> None:
    answer = send(key.secret, "GET", f"{LOGS}?{query}")
    assert (answer.status_code, error_of(answer)["param"]) == (422, param)


def test_one_and_many_events_cost_the_same_queries(key: IssuedAdminKey) -> None:
    counts = []
    for limit in (1, 30, 100):
        with queries() as captured:
            send(key.secret, "GET", f"{LOGS}?limit={limit}&order=asc")
        counts.append(len(captured))
    # Without an id to look up there is no query.
    assert counts[0] <= counts[1] == counts[2]


def test_who_may(world: World) -> None:
    assert find_statuses(world, "GET", LOGS) == READ_BY_ADMINS


def test_a_foreign_organizations_events_are_not_there(world: World, read: Read) -> None:
    ids = {event["id"] for event in read("limit=100")}
    foreign = AuditEvent.objects.filter(organization=world.other_organization)
    assert not ids & set(foreign.values_list("public_id", flat=True))


# The names in the official client.
(CHOICES,) = get_args(get_type_hints(AuditLogListParams)["event_types"])
THEIRS = set(get_args(CHOICES))


def test_their_names_mean_what_they_mean_there_and_ours_are_none_of_theirs() -> None:
    assert len(THEIRS) > 100
    renamed = {name for action, name in NAMES.items() if action != Action.ACCOUNT_DELETED}
    assert renamed <= THEIRS
    assert not {format_event_type(action) for action in set(Action) - set(NAMES)} & THEIRS
    assert all(find_actions(name) is not None for name in THEIRS)
    for action in Action:
        assert action in (find_actions(format_event_type(action)) or [])
    assert find_actions("user.deleted") == [Action.MEMBER_REMOVED, Action.MEMBER_LEFT]


def test_each_of_their_types_has_a_field_for_its_details() -> None:
    fields = {field.encode_name for field in msgspec.structs.fields(AuditEventObject)}
    assert {name for name in NAMES.values() if name in THEIRS} <= fields
