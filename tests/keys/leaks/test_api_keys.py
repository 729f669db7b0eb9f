"""What becomes of a project's key found in public: it ends or its people are told, once."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import Notification
from accounts.members.services import remove_member
from accounts.organizations.services.closing import close_organization
from accounts.support.services.support import suspend_organization
from accounts.web.mail_text import WORD_JOINER
from keys.api_keys.services import revoke_key, rotate_key, set_expiration
from keys.leaks.services.reports import Finding, report_leaks
from keys.models import ApiKey, KeyPolicy, LeakReport
from projects.services.archive import archive_project
from projects.services.collaborators import remove_collaborator
from tests.database.refusals import all_rows
from tests.keys.helpers.gateway_client import auth
from tests.keys.helpers.leak_reporter import ACTOR, URL, report
from tests.support.clock import DAY, set_clock
from tests.support.mail import mailed, mailed_to
from tests.support.pages import signed_in, words
from tests.world import World, issued

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_mailed_before(world: World, mailoutbox: list[Any]) -> None:
    mailed()
    mailoutbox.clear()


def only_tell(world: World) -> None:
    KeyPolicy.objects.create(organization=world.organization, on_leak="notify")


def acts(world: World) -> list[str]:
    return list(
        world.organization.audit_events.filter(actor_label="Leak report (scanner)")
        .order_by("pk")
        .values_list("act", flat=True)
    )


def addressees() -> list[str]:
    return sorted(message.to[0] for message in mailed())


def test_a_leaked_key_is_revoked_at_once_and_says_why(world: World) -> None:
    assert report(world.key_secret) == [True]
    assert auth(world.key_secret).status_code == 401
    key = ApiKey.objects.get(pk=world.key.pk)
    assert (key.revoked_by, key.revoked_because) == (None, f"Found in public: {URL}")
    assert acts(world) == ["key.leak_reported", "key.revoked"]
    event = world.organization.audit_events.get(act="key.leak_reported")
    assert (event.target_id, event.target_name) == (key.public_id, "notebooks in research")
    assert event.values_after["found_at"] == [URL]
    assert auth(world.other_key_secret).status_code == 200


def test_its_creator_the_owner_and_the_admins_are_mailed_what_happened(world: World) -> None:
    report(world.key_secret)
    assert addressees() == sorted(
        [world.owner.email, world.admin.email, world.project_member.email]
    )
    (message,) = mailed_to(world.project_member.email)
    assert message.subject == "Revoked: the API key notebooks was found in public"
    hint = world.key.secrets.get().hint
    for said in ("notebooks", hint, "Research", "Northwind", URL, "scanner", "Create another key"):
        assert said in message.body.replace(WORD_JOINER, "")
    assert f"/settings/projects/{world.research.slug}/api-keys/" in message.body


def test_no_mail_event_or_row_holds_the_secret_even_when_its_place_does(world: World) -> None:
    report(world.key_secret, url=f"https://x.example/?q={world.key_secret}")
    report(world.key_secret, url="", source=world.key_secret)
    assert world.key_secret[4:40] not in str(all_rows())
    assert not [one for one in mailed() if world.key_secret[4:40] in f"{one.subject} {one.body}"]
    assert ApiKey.objects.get(pk=world.key.pk).revoked_because == (
        "Found in public: https://x.example/?q=pk_…"
    )


def test_who_has_left_is_not_mailed(world: World) -> None:
    remove_collaborator(actor=Actor.of_user(world.owner), collaborator=world.project_member_row)
    mailed().clear()
    report(world.key_secret)
    assert addressees() == sorted([world.owner.email, world.admin.email])


def test_an_external_creator_is_mailed_while_they_are_in(world: World) -> None:
    secrets = [issued(world.research, world.external, name).secret for name in ("one", "two")]
    report(secrets[0])
    assert len(mailed_to(world.external.email)) == 1
    remove_collaborator(actor=Actor.of_user(world.owner), collaborator=world.external_row)
    mailed().clear()
    report(secrets[1])
    assert not mailed_to(world.external.email)


def test_an_owner_who_made_the_key_gets_one_mail(world: World) -> None:
    report(issued(world.research, world.owner, "own").secret)
    assert len(mailed_to(world.owner.email)) == 1


def test_no_one_can_turn_these_mails_off(world: World) -> None:
    for kind in Notification:
        world.owner.muted_notifications.create(kind=kind)
    report(world.key_secret)
    assert len(mailed_to(world.owner.email)) == 1


def test_reported_again_nothing_more_happens(world: World) -> None:
    report(world.key_secret)
    mailed()
    before = all_rows()
    for url in (URL, URL, f"{URL}#elsewhere"):
        assert report(world.key_secret, url=url) == [True]
    assert all_rows() == before


def test_where_the_policy_asks_only_to_tell_the_key_lives_and_its_people_know(
    world: World,
) -> None:
    only_tell(world)
    report(world.key_secret)
    assert auth(world.key_secret).status_code == 200
    assert acts(world) == ["key.leak_reported"]
    (message,) = mailed_to(world.owner.email)
    assert message.subject == "Still valid: the API key notebooks was found in public"
    assert (
        "Revoke it, or rotate it so that the old secret stops working immediately." in message.body
    )
    assert not LeakReport.objects.get().revoked


def test_a_telling_is_repeated_only_for_another_place(world: World) -> None:
    only_tell(world)
    report(world.key_secret)
    mailed()
    before = all_rows()
    report(world.key_secret)
    assert all_rows() == before
    report(world.key_secret, url=f"{URL}#elsewhere")
    assert acts(world) == ["key.leak_reported"] * 2
    assert len(mailed_to(world.owner.email)) == 2


def test_a_known_leak_ends_the_key_once_the_policy_says_so(world: World) -> None:
    only_tell(world)
    report(world.key_secret)
    KeyPolicy.objects.update(on_leak="revoke")
    report(world.key_secret)
    assert auth(world.key_secret).status_code == 401
    assert acts(world) == ["key.leak_reported", "key.leak_reported", "key.revoked"]
    assert [one.revoked for one in LeakReport.objects.all()] == [True]


def archived(world: World) -> None:
    archive_project(actor=Actor.of_user(world.owner), project=world.research)


def suspended(world: World) -> None:
    suspend_organization(
        actor=Actor.of_user(world.staff), organization=world.organization, reason="Unpaid."
    )


def expired(world: World) -> None:
    """Its expiration can be set again, so its secret is not harmless."""
    ApiKey.objects.filter(pk=world.key.pk).update(expires_at=world.key.created_at + DAY / 10**6)


@pytest.mark.parametrize("still", [archived, suspended, expired])
def test_a_key_is_revoked_where_all_stands_still(
    world: World, still: Callable[[World], None]
) -> None:
    still(world)
    mailed().clear()
    report(world.key_secret)
    assert ApiKey.objects.get(pk=world.key.pk).revoked_at
    assert addressees() == sorted(
        [world.owner.email, world.admin.email, world.project_member.email]
    )


def test_of_a_closed_organization_only_the_owner_is_mailed(world: World) -> None:
    close_organization(actor=Actor.of_user(world.owner), organization=world.organization)
    mailed().clear()
    report(world.key_secret)
    assert ApiKey.objects.get(pk=world.key.pk).revoked_at
    assert addressees() == [world.owner.email]


def test_when_the_outgoing_secret_leaks_the_whole_key_ends(world: World) -> None:
    new = rotate_key(actor=Actor.of_user(world.owner), key=world.key, overlap=DAY).secret
    report(world.key_secret)
    assert [auth(secret).status_code for secret in (world.key_secret, new)] == [401, 401]


def test_both_secrets_of_a_key_in_one_report_are_one_act(world: World) -> None:
    new = rotate_key(actor=Actor.of_user(world.owner), key=world.key, overlap=DAY).secret
    assert report(world.key_secret, new) == [True, True]
    assert acts(world) == ["key.leak_reported", "key.revoked"]
    assert LeakReport.objects.filter(revoked=True).count() == 2
    assert len(mailed_to(world.owner.email)) == 1


def test_a_secret_that_was_replaced_does_no_harm_to_the_key(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = rotate_key(actor=Actor.of_user(world.owner), key=world.key, overlap=DAY).secret
    set_clock(monkeypatch, timezone.now() + 2 * DAY)
    before = all_rows()
    assert report(world.key_secret) == [True]
    assert all_rows() == before
    assert auth(new).status_code == 200


def test_many_places_are_one_mail_that_names_ten_and_counts_the_others(world: World) -> None:
    places = [Finding(world.key_secret, url=f"{URL}#{number}") for number in range(25)]
    report_leaks(actor=ACTOR, reporter="scanner", findings=places)
    (message,) = mailed_to(world.owner.email)
    assert f"{URL}#9" in message.body.replace(WORD_JOINER, "")
    assert f"{URL}#10" not in message.body.replace(WORD_JOINER, "")
    assert "and 15 more locations" in message.body
    assert LeakReport.objects.count() == 25
    event = world.organization.audit_events.get(act="key.leak_reported")
    assert (len(event.values_after["found_at"]), event.values_after["more_places"]) == (10, 15)


def test_a_very_long_address_and_none_at_all_are_kept_as_they_fit(world: World) -> None:
    only_tell(world)
    report(world.key_secret, url="https://x.example/" + "a/" * 5000)
    report(world.key_secret, url="", source="npm")
    report(world.key_secret, url="", source="")
    assert [len(one.url) for one in LeakReport.objects.order_by("pk")] == [500, 0]
    KeyPolicy.objects.update(on_leak="revoke")
    report(world.key_secret, url="https://x.example/" + "b" * 5000)
    assert len(ApiKey.objects.get(pk=world.key.pk).revoked_because) == 200


def test_a_key_says_that_it_is_leaked_until_that_secret_has_ended(world: World) -> None:
    only_tell(world)
    issued(world.research, world.owner, "unharmed")
    report(world.key_secret)

    def leaked() -> dict[str, bool]:
        keys = world.research.api_keys.listed().with_leaks()
        return {key.name: key.is_leaked for key in keys}

    assert leaked() == {"notebooks": True, "unharmed": False}
    rotate_key(actor=Actor.of_user(world.owner), key=world.key, overlap=dt.timedelta())
    assert leaked() == {"notebooks": False, "unharmed": False}


def test_a_member_who_left_the_organization_and_revoked_keys_change_nothing(world: World) -> None:
    set_expiration(actor=Actor.of_user(world.owner), key=world.key, expires_at=timezone.now() + DAY)
    membership = world.organization.memberships.get(user=world.project_member)
    remove_member(actor=Actor.of_user(world.owner), membership=membership)
    revoke_key(actor=Actor.of_user(world.owner), key=world.key)
    before = all_rows()
    assert report(world.key_secret) == [True]
    assert all_rows() == before


def test_the_list_of_keys_marks_a_leaked_one_and_says_why_a_revoked_one_is(world: World) -> None:
    def listed(status: str = "") -> str:
        address = reverse("api_keys", args=[world.research.slug])
        return words(signed_in(world.project_member).get(address, {"status": status}))

    only_tell(world)
    assert "Reported as leaked" not in listed()
    report(world.key_secret)
    assert "Reported as leaked" in listed()
    KeyPolicy.objects.update(on_leak="revoke")
    report(world.key_secret, url="https://x.example/<b>")
    assert "Reported as leaked" not in listed("revoked")
    assert "Found in public: https://x.example/<b>" in listed("revoked")
