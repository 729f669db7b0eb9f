"""End dates: access until the end of the day in UTC, one reminder, and the end without anybody's act."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command

from accounts.actors import Actor
from accounts.enums import Action, Notification, OrganizationState
from accounts.errors import Conflict
from accounts.models import AuditEvent, Organization, User
from accounts.models.principals import Principal
from projects.models import Collaborator, Project
from projects.models.collaborator import today
from projects.services.additions import Outcome, add_collaborator
from projects.services.collaborators import leave_project
from projects.services.endings import end_accesses, remind_of_endings, set_end_date
from tests.support.clock import DAY, last_second_of, set_clock
from tests.support.mail import mailed_to
from tests.world import MEMBER, World, accept, listed, person

pytestmark = pytest.mark.django_db
FAR = dt.timedelta(days=30)


def ending(row: Collaborator, world: World, days: int) -> dt.date:
    """Gives the row an end that many days from now; the day."""
    day = today() + days * DAY
    set_end_date(actor=Actor.of_user(world.owner), collaborator=row, end_date=day)
    return day


def ended(row: Collaborator, days: int = 1) -> Collaborator:
    Collaborator.objects.filter(pk=row.pk).update(end_date=today() - days * DAY)
    row.refresh_from_db()
    return row


def opens(user: User, project: Project) -> bool:
    return Project.objects.visible_to(Principal.of_user(user)).filter(pk=project.pk).exists()


def test_access_lasts_until_the_last_second_of_the_day_in_utc(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = ending(world.external_row, world, 3)
    set_clock(monkeypatch, last_second_of(day))
    assert opens(world.external, world.research)
    assert (
        Organization.objects.visible_to(Principal.of_user(world.external))
        .filter(slug="northwind")
        .exists()
    )
    set_clock(monkeypatch, last_second_of(day) + dt.timedelta(seconds=1))
    assert not opens(world.external, world.research)
    assert (
        not Organization.objects.visible_to(Principal.of_user(world.external))
        .filter(slug="northwind")
        .exists()
    )


def test_a_day_that_is_over_is_refused(world: World) -> None:
    with pytest.raises(ValidationError) as refusal:
        ending(world.external_row, world, -1)
    assert list(refusal.value.message_dict) == ["end_date"]
    assert not isinstance(refusal.value, Conflict)
    ending(world.external_row, world, 0)


def test_setting_moving_and_clearing_are_audited_and_the_same_again_is_not(world: World) -> None:
    row, actor = world.project_member_row, Actor.of_user(world.project_admin)
    days: list[dt.date | None] = [today() + DAY, today() + FAR, today() + FAR, None]
    before = AuditEvent.objects.count()
    for day in days:
        set_end_date(actor=actor, collaborator=row, end_date=day)
    events = list(AuditEvent.objects.order_by("pk")[before:])
    assert [event.act for event in events] == [Action.COLLABORATOR_END_DATE_CHANGED] * 3
    assert [
        (event.values_before["end_date"], event.values_after["end_date"]) for event in events
    ] == [
        (None, days[0].isoformat()),  # type: ignore[union-attr]
        (days[0].isoformat(), days[1].isoformat()),  # type: ignore[union-attr]
        (days[1].isoformat(), None),  # type: ignore[union-attr]
    ]


@pytest.mark.parametrize("who", ["project_admin", "external_admin"])
def test_no_one_prolongs_their_own_access(world: World, who: str) -> None:
    row = getattr(world, f"{who}_row")
    ending(row, world, 1)
    for day in (None, today(), today() + FAR):
        with pytest.raises(PermissionDenied):
            set_end_date(actor=Actor.of_user(getattr(world, who)), collaborator=row, end_date=day)


def test_an_admin_who_is_listed_may_set_their_own_because_they_stay_anyway(world: World) -> None:
    row = listed(world.research, world.admin)
    set_end_date(actor=Actor.of_user(world.admin), collaborator=row, end_date=today())
    row.refresh_from_db()
    assert row.end_date == today()


def test_a_week_before_the_person_and_who_added_them_are_notified_once(world: World) -> None:
    row = world.project_member_row
    Collaborator.objects.filter(pk=row.pk).update(added_by=world.project_admin)
    day = ending(row, world, 8)
    assert remind_of_endings() == 0
    day = ending(row, world, 7)
    assert (remind_of_endings(), remind_of_endings()) == (1, 0)
    (told,), (adder,) = mailed_to(row.user.email), mailed_to(world.project_admin.email)
    for mail in (told, adder):
        assert f"{day.day} {day:%b %Y}" in mail.body
        assert "Research" in mail.body
    assert row.public_id in adder.body
    assert world.project_admin.name in told.body


def test_another_date_is_reminded_of_again(world: World) -> None:
    ending(world.external_row, world, 1)
    assert remind_of_endings() == 1
    ending(world.external_row, world, 5)
    assert remind_of_endings() == 1
    ending(world.external_row, world, 30)
    assert remind_of_endings() == 0


def test_who_added_them_is_not_notified_once_they_manage_the_project_no_more(world: World) -> None:
    Collaborator.objects.filter(pk=world.project_member_row.pk).update(added_by=world.stranger)
    ending(world.project_member_row, world, 1)
    assert remind_of_endings() == 1
    assert mailed_to(world.stranger.email) == []


def test_someone_who_turned_the_mail_off_is_not_reminded(world: World) -> None:
    world.external.muted_notifications.create(kind=Notification.ACCESS_ENDING)  # type: ignore[attr-defined]
    ending(world.external_row, world, 1)
    assert remind_of_endings() == 1
    assert mailed_to(world.external.email) == []


def test_who_keeps_access_through_their_role_is_not_notified_of_losing_it(world: World) -> None:
    row = listed(world.research, world.admin)
    ending(row, world, 1)
    assert remind_of_endings() == 0
    ended(row)
    assert end_accesses() == 1
    assert [message.subject for message in mailed_to(world.admin.email)] == [
        "You were added to Research"
    ]
    assert opens(world.admin, world.research)


def test_no_one_is_reminded_where_no_one_could_change_the_date(world: World) -> None:
    ending(world.external_row, world, 1)
    world.organization.change_state(OrganizationState.SUSPENDED, "Unpaid.")
    assert remind_of_endings() == 0
    world.organization.change_state(OrganizationState.ACTIVE, "")
    assert remind_of_endings() == 1


def test_the_day_after_the_row_is_gone_audited_and_mailed(world: World) -> None:
    row = ended(world.external_row)
    assert (end_accesses(), end_accesses()) == (1, 0)
    assert not Collaborator.objects.filter(pk=row.pk).exists()
    event = AuditEvent.objects.latest("pk")
    assert (event.act, event.actor, event.actor_name) == (
        Action.COLLABORATOR_ENDED,
        None,
        "Console",
    )
    assert event.organization == world.organization
    assert event.values_before["end_date"] == (today() - DAY).isoformat()
    (mail,) = mailed_to(world.external.email)[-1:]
    assert "has ended" in mail.subject


def test_tend_does_both_and_leaves_the_others_alone(world: World) -> None:
    ended(world.external_row)
    ending(world.external_admin_row, world, 2)
    others = world.research.collaborators.count() - 1
    call_command("tend")
    assert world.research.collaborators.count() == others
    assert any("ends" in mail.subject for mail in mailed_to(world.external_admin.email))


def test_a_member_whose_access_ended_can_be_added_again_before_the_row_is_gone(
    world: World,
) -> None:
    row = ended(world.project_member_row)
    added = add_collaborator(
        actor=Actor.of_user(world.owner), project=world.research, email=row.user.email, role=MEMBER
    )
    assert added.outcome == Outcome.JOINED
    assert opens(row.user, world.research)
    assert AuditEvent.objects.filter(act=Action.COLLABORATOR_ENDED).count() == 1


def test_an_external_whose_access_ended_is_invited_and_comes_back(world: World) -> None:
    row = ended(world.external_row)
    add_collaborator(
        actor=Actor.of_user(world.owner),
        project=world.research,
        email=row.user.email,
        role=MEMBER,
        end_date=today() + FAR,
    )
    invitation = world.organization.invitations.pending().get(email=row.user.email)
    accept(invitation, row.user)
    assert opens(row.user, world.research)
    assert world.research.collaborators.get(user=row.user).end_date == today() + FAR


def test_an_end_date_is_kept_through_the_invitation(world: World) -> None:
    user = person("new@partner.example")
    day = today() + FAR
    add_collaborator(
        actor=Actor.of_user(world.owner),
        project=world.research,
        email=user.email,
        role=MEMBER,
        end_date=day,
    )
    accept(world.organization.invitations.pending().get(email=user.email), user)
    assert world.research.collaborators.get(user=user).end_date == day


def test_an_invitation_whose_last_day_is_over_opens_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = person("new@partner.example")
    add_collaborator(
        actor=Actor.of_user(world.owner),
        project=world.research,
        email=user.email,
        role=MEMBER,
        end_date=today(),
    )
    set_clock(monkeypatch, last_second_of(today()) + DAY)
    with pytest.raises(Conflict, match="was to end"):
        accept(world.organization.invitations.pending().get(email=user.email), user)


def test_someone_who_has_an_ended_row_and_another_access_has_nothing_to_leave(world: World) -> None:
    ended(listed(world.research, world.admin))
    with pytest.raises(Conflict, match="you cannot leave"):
        leave_project(actor=Actor.of_user(world.admin), project=world.research)
