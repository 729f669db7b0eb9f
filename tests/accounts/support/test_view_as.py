"""View as: who may, for how long, what the staff person sees, and what the customer reads of it."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import Action
from accounts.errors import Conflict
from accounts.models import AuditEvent, Membership, User, ViewAs
from accounts.support.services.viewing import start_view
from tests.support.pages import signed_in, words
from tests.world import World, join

pytestmark = pytest.mark.django_db
REASON = "They see no projects."
END = reverse("view_as_end")
BANNER = "Nothing can be changed."


def begin(browser: Client, world: World, member: User, reason: str = REASON) -> Any:
    place = [world.organization.pk, member.public_id]
    path = reverse("admin:accounts_organization_view_as", args=place)
    return browser.post(path, {"reason": reason})


@pytest.fixture
def browser(world: World) -> Client:
    """The staff person's, viewing as `member`."""
    browser = signed_in(world.staff)
    assert begin(browser, world, world.member).status_code == 302
    return browser


@pytest.fixture
def overview(world: World) -> str:
    return reverse("organization", args=[world.organization.slug])


def events(world: World, act: Action) -> list[AuditEvent]:
    return list(world.organization.audit_events.filter(act=act))


def view_of(world: World) -> ViewAs:
    return world.staff.views_as.latest("pk")


def test_it_begins_on_a_members_row_and_shows_who_sees_what(world: World, overview: str) -> None:
    staff = signed_in(world.staff)
    page = reverse("admin:accounts_organization_change", args=[world.organization.pk])
    people = f"{reverse('admin:accounts_membership_changelist')}?organization__id__exact="
    assert f"{people}{world.organization.pk}" in str(staff.get(page).content)
    place = [world.organization.pk, world.member.public_id]
    row = reverse("admin:accounts_organization_view_as", args=place)
    assert row in str(staff.get(f"{people}{world.organization.pk}").content)
    assert begin(staff, world, world.member).url == overview
    response = staff.get(overview)
    assert "support@console.example is viewing as Member" in words(response)
    assert "Stop viewing" in words(response)
    assert response.context["access"].principal.user == world.member


def test_the_customer_reads_of_it_at_once(world: World, browser: Client) -> None:
    [event] = events(world, Action.VIEW_AS_STARTED)
    assert (event.actor, event.target_id) == (world.staff, world.member.public_id)
    assert event.values_after["reason"] == REASON
    log = signed_in(world.owner).get(reverse("audit_log", args=[world.organization.slug]))
    assert "Support started viewing as a member" in words(log)


def test_the_button_ends_it(world: World, browser: Client, overview: str) -> None:
    response = browser.post(END)
    assert response.url == reverse(
        "admin:accounts_organization_change", args=[world.organization.pk]
    )
    [event] = events(world, Action.VIEW_AS_ENDED)
    assert (event.actor, event.values_after["reason"]) == (world.staff, REASON)
    assert browser.get(overview).status_code == 404
    assert browser.post(END).status_code == 302
    assert len(events(world, Action.VIEW_AS_ENDED)) == 1


def test_it_ends_after_half_an_hour(world: World, browser: Client, overview: str) -> None:
    view = view_of(world)
    assert view.ends_at - view.started_at == dt.timedelta(minutes=30)
    past = timezone.now() - dt.timedelta(minutes=31)
    ViewAs.objects.update(started_at=past, ends_at=past + dt.timedelta(minutes=30))
    response = browser.get(overview, follow=True)
    assert response.redirect_chain[-1][0] == reverse("admin:index")
    assert "Viewing as member@northwind.example has ended." in words(response)
    assert len(events(world, Action.VIEW_AS_ENDED)) == 1
    assert browser.get(overview).status_code == 404


def test_the_worker_writes_the_end_down_when_no_one_comes_back(
    world: World, browser: Client
) -> None:
    call_command("tend")
    assert events(world, Action.VIEW_AS_ENDED) == []
    past = timezone.now() - dt.timedelta(minutes=31)
    ViewAs.objects.update(started_at=past, ends_at=past + dt.timedelta(minutes=30))
    call_command("tend")
    call_command("tend")
    [event] = events(world, Action.VIEW_AS_ENDED)
    assert event.actor == world.staff
    assert view_of(world).ended_at == view_of(world).ends_at


def test_removing_the_member_ends_it(world: World, browser: Client, overview: str) -> None:
    Membership.objects.filter(user=world.member, organization=world.organization).delete()
    assert browser.get(overview).status_code == 302
    assert len(events(world, Action.VIEW_AS_ENDED)) == 1
    assert browser.get(overview).status_code == 404


def test_losing_the_staff_flag_ends_it(world: World, browser: Client, overview: str) -> None:
    User.objects.filter(pk=world.staff.pk).update(
        is_staff=False, home_organization=world.other_organization
    )
    assert browser.get(overview).status_code == 302
    assert len(events(world, Action.VIEW_AS_ENDED)) == 1
    assert browser.get(overview).status_code == 404


def test_a_new_view_ends_the_former(world: World, browser: Client, overview: str) -> None:
    begin(browser, world, world.owner, "Another question.")
    assert [event.target_id for event in events(world, Action.VIEW_AS_STARTED)] == [
        world.member.public_id,
        world.owner.public_id,
    ]
    [ended] = events(world, Action.VIEW_AS_ENDED)
    assert ended.target_id == world.member.public_id
    assert browser.get(overview).context["access"].principal.user == world.owner


def test_the_former_one_may_be_of_another_organization(world: World, overview: str) -> None:
    staff = Actor.of_user(world.staff)
    theirs = world.other_organization.memberships.get(user=world.other_member)
    start_view(actor=staff, membership=theirs, reason="x")
    ours = world.organization.memberships.get(user=world.member)
    start_view(actor=staff, membership=ours, reason="y")
    start_view(actor=staff, membership=theirs, reason="z")
    ended = AuditEvent.objects.filter(act=Action.VIEW_AS_ENDED).order_by("pk")
    assert [event.organization for event in ended] == [world.other_organization, world.organization]


def test_a_view_holds_in_the_session_it_began_in(
    world: World, browser: Client, overview: str
) -> None:
    assert signed_in(world.staff).get(overview).status_code == 404
    another = signed_in(world.stranger)
    session = another.session
    session["view_as"] = view_of(world).public_id
    session.save()
    assert another.get(overview).status_code == 404


def test_neither_staff_nor_strangers_can_be_viewed(world: World) -> None:
    browser = signed_in(world.staff)
    colleague = join(world.organization, "colleague@console.example")
    colleague.is_staff = True
    colleague.save(update_fields=["is_staff"])
    for person in (colleague, world.stranger, world.external):
        assert begin(browser, world, person).status_code == 404
    membership = world.organization.memberships.get(user=colleague)
    with pytest.raises(PermissionDenied):
        start_view(actor=Actor.of_user(world.staff), membership=membership, reason="x")


def test_only_staff_may_begin_and_only_with_a_reason(world: World) -> None:
    membership = world.organization.memberships.select_related("user").get(user=world.member)
    with pytest.raises(PermissionDenied):
        start_view(actor=Actor.of_user(world.owner), membership=membership, reason="x")
    assert begin(signed_in(world.staff), world, world.member, " ").status_code == 422
    assert not ViewAs.objects.exists()


def test_someone_removed_meanwhile_is_a_conflict(world: World) -> None:
    membership = world.organization.memberships.select_related("user").get(user=world.member)
    Membership.objects.filter(pk=membership.pk).delete()
    with pytest.raises(Conflict):
        start_view(actor=Actor.of_user(world.staff), membership=membership, reason="x")


def test_the_staff_persons_own_pages_stay_their_own(world: World, browser: Client) -> None:
    profile = browser.get(reverse("profile"))
    assert world.staff.name in str(profile.content)
    assert BANNER not in words(profile)
    assert browser.get(reverse("admin:index")).status_code == 200
    browser.post(reverse("profile"), {"name": "Renamed"})
    world.staff.refresh_from_db()
    world.member.refresh_from_db()
    assert (world.staff.name, world.member.name) == ("Renamed", "Member")


def test_a_member_of_two_organizations_is_seen_in_one(world: World) -> None:
    Membership.objects.create(
        user=world.member, organization=world.other_organization, role="member"
    )
    browser = signed_in(world.staff)
    begin(browser, world, world.member)
    for name in ("organizations", "home"):
        page = browser.get(reverse(name), follow=True)
        assert BANNER in words(page)
        assert "Contoso" not in words(page)
    slug = world.other_organization.slug
    assert browser.get(reverse("organization", args=[slug])).status_code == 404
    default = world.other_default.slug
    assert browser.get(reverse("project", args=[default])).status_code == 404
    assert browser.get(reverse("project_settings", args=["~current"])).status_code == 302


def test_nothing_is_offered_that_would_be_refused(world: World) -> None:
    browser = signed_in(world.staff)
    begin(browser, world, world.owner)
    page = str(browser.get(reverse("projects", args=[world.organization.slug])).content)
    assert reverse("project_new", args=[world.organization.slug]) not in page
    form = browser.get(reverse("project_new", args=[world.organization.slug]))
    assert form.status_code == 200
    assert 'class="button primary"' not in str(form.content)
    settings = browser.get(reverse("organization_settings", args=[world.organization.slug]))
    assert "Save changes" not in words(settings)


def test_leaving_is_for_the_member_alone(world: World) -> None:
    browser, page = signed_in(world.staff), reverse("collaborators", args=[world.research.slug])
    begin(browser, world, world.project_member)
    assert "Leave project" in words(signed_in(world.project_member).get(page))
    assert "Leave project" not in words(browser.get(page))


def test_the_member_notices_nothing(world: World, browser: Client, overview: str) -> None:
    def traces() -> Any:
        membership = world.organization.memberships.get(user=world.member)
        return membership.last_active_at, User.objects.get(pk=world.member.pk).last_login

    before = traces()
    browser.get(overview)
    assert traces() == before
    own = signed_in(world.member).get(overview)
    assert BANNER not in words(own)
