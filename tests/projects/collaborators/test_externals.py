"""Externals as such: who vouches for them, and all of them removed when a switch goes off."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.actors import Actor
from accounts.enums import Action, InvitationState, Notification
from accounts.errors import Conflict
from accounts.models import AuditEvent, User
from projects.collaborator_rows import CollaboratorRow
from projects.models import Collaborator, Project, ServiceAccount
from projects.service_accounts.services import create_service_account
from projects.services.additions import add_collaborator
from projects.services.externals import remove_externals, vouch_for
from tests.support.mail import mailed_to
from tests.support.pages import outsiders, own_queries, queries, signed_in, words
from tests.world import MEMBER, World, accept, join, person, set_limits

pytestmark = pytest.mark.django_db


def vouch_url(row: CollaboratorRow) -> str:
    """The URL behind *Vouch for them* in the menu of a row; empty without it."""
    links = row.menu.links if row.menu else ()
    return next((link.url for link in links if link.url.endswith("/vouch/")), "")


def listing(user: User, world: World) -> Any:
    return signed_in(user).get(reverse("collaborators", args=[world.research.slug]))


def row_named(response: Any, name: str) -> Any:
    return next(row for row in response.context["rows"] if row.name == name)


def vouched_by(row: Collaborator, user: User | None) -> None:
    Collaborator.objects.filter(pk=row.pk).update(vouched_by=user)


def vouch_path(row: Collaborator) -> str:
    return reverse("collaborator_vouch", args=[row.project.slug, row.public_id])


def remove_path(project: Project) -> str:
    return reverse("collaborators_remove_externals", args=[project.slug])


def switch_off(world: World) -> None:
    set_limits(world.organization, world.staff, limit=5, externals=False)


def test_someone_who_invited_an_external_vouches_for_them(world: World) -> None:
    user = person("new@partner.example")
    add_collaborator(
        actor=Actor.of_user(world.project_admin),
        project=world.research,
        email=user.email,
        role=MEMBER,
    )
    accept(world.organization.invitations.pending().get(email=user.email), user)
    for reader in (world.owner, world.project_member, world.external):
        row = row_named(listing(reader, world), user.name)
        assert (row.voucher, row.warning) == (f"Vouched for by {world.project_admin.name}", "")
    assert f"Vouched for by {world.project_admin.name}" in words(listing(world.owner, world))


def test_members_need_no_one_to_vouch(world: World) -> None:
    row = row_named(listing(world.owner, world), "Project Member")
    assert (row.voucher, row.warning, vouch_url(row)) == ("", "", "")


def test_an_external_who_becomes_a_member_needs_no_one_to_vouch(world: World) -> None:
    world.organization.memberships.create(user=world.external, role="member")
    row = row_named(listing(world.owner, world), "External")
    assert (row.kind, row.voucher, row.warning) == ("Member", "", "")


@pytest.mark.parametrize("who", ["stranger", None])
def test_once_they_left_no_one_vouches_until_someone_takes_it_over(
    world: World, who: str | None
) -> None:
    """A member of another organization vouches for nobody here."""
    vouched_by(world.external_row, getattr(world, who) if who else None)
    response = listing(world.project_admin, world)
    row = row_named(response, "External")
    assert (row.voucher, row.warning) == ("", "No one vouches")
    assert "No one vouches" in words(response)
    browser = signed_in(world.project_admin)
    assert "Vouch for External?" in words(browser.get(vouch_url(row)))
    assert "You now vouch for External." in words(browser.post(vouch_url(row), follow=True))
    row = row_named(listing(world.owner, world), "External")
    assert (row.voucher, row.warning) == (f"Vouched for by {world.project_admin.name}", "")
    event = AuditEvent.objects.latest("pk")
    assert (event.act, event.actor) == (Action.COLLABORATOR_VOUCHED, world.project_admin)
    assert event.values_after == {"vouched_by": world.project_admin.email}


def test_the_badge_appears_when_the_voucher_is_no_longer_a_member(world: World) -> None:
    leaver = join(world.organization, "leaver@northwind.example")
    vouched_by(world.external_row, leaver)
    assert (
        row_named(listing(world.owner, world), "External").voucher
        == f"Vouched for by {leaver.name}"
    )
    leaver.memberships.get(organization=world.organization).delete()
    assert row_named(listing(world.owner, world), "External").warning
    assert "has left Northwind" in words(signed_in(world.owner).get(vouch_path(world.external_row)))


def test_vouching_twice_is_a_conflict_and_one_event(world: World) -> None:
    vouch_for(actor=Actor.of_user(world.admin), collaborator=world.external_row)
    answer = signed_in(world.admin).post(vouch_path(world.external_row))
    assert answer.status_code == 409
    assert "You already vouch for External." in words(answer)
    assert AuditEvent.objects.filter(act=Action.COLLABORATOR_VOUCHED).count() == 1


def test_an_external_admin_vouches_for_no_one(world: World) -> None:
    assert vouch_url(row_named(listing(world.external_admin, world), "External")) == ""
    with pytest.raises(PermissionDenied):
        vouch_for(actor=Actor.of_user(world.external_admin), collaborator=world.external_row)


def test_no_one_can_vouch_for_a_member(world: World) -> None:
    assert signed_in(world.owner).post(vouch_path(world.project_member_row)).status_code == 404


def test_the_warning_leads_to_the_act_for_those_who_may(world: World) -> None:
    path = remove_path(world.research)
    assert path not in listing(world.owner, world).content.decode()
    switch_off(world)
    for reader, offered in [("owner", True), ("project_admin", True), ("external_admin", False)]:
        source = listing(getattr(world, reader), world).content.decode()
        assert (path in source) == offered
        assert "keep it until you remove them" in words(listing(getattr(world, reader), world))


def test_the_page_names_who_goes_and_whose_invitation_is_withdrawn(world: World) -> None:
    switch_off(world)
    text = words(signed_in(world.owner).get(remove_path(world.research)))
    assert "2 external collaborators lose access" in text
    for email in (world.external.email, world.external_admin.email, world.invitation.email):
        assert email in text
    assert "One pending invitation is withdrawn" in text
    assert world.project_member.email not in text
    assert world.research.collaborators.external().count() == 2


@pytest.mark.parametrize("switch", ["organization", "project"])
def test_all_externals_go_at_once_and_no_one_else(world: World, switch: str) -> None:
    if switch == "organization":
        switch_off(world)
    else:
        Project.objects.filter(pk=world.research.pk).update(allow_external_collaborators=False)
    theirs = signed_in(world.external)
    before, other = AuditEvent.objects.count(), world.other_project.collaborators.count()
    response = signed_in(world.owner).post(remove_path(world.research), follow=True)
    assert "Research no longer has external collaborators." in words(response)
    names = {row.user.name for row in world.research.collaborators.select_related("user")}
    assert names == {"Project Admin", "Project Member"}
    assert theirs.get(reverse("project", args=[world.research.slug])).status_code == 404
    world.invitation.refresh_from_db()
    world.member_invitation.refresh_from_db()
    world.other_invitation.refresh_from_db()
    assert world.invitation.state == InvitationState.WITHDRAWN
    assert world.member_invitation.is_pending
    assert world.other_invitation.is_pending
    assert world.other_project.collaborators.count() == other
    acts = sorted(AuditEvent.objects.order_by("pk").values_list("act", flat=True)[before:])
    assert acts == [
        Action.COLLABORATOR_REMOVED,
        Action.COLLABORATOR_REMOVED,
        Action.INVITATION_WITHDRAWN,
    ]


def test_each_is_notified_unless_they_turned_that_mail_off(world: World) -> None:
    switch_off(world)
    world.external.muted_notifications.create(kind=Notification.PROJECT_REMOVED)  # type: ignore[attr-defined]
    remove_externals(actor=Actor.of_user(world.owner), project=world.research)
    assert mailed_to(world.external.email) == []
    (mail,) = mailed_to(world.external_admin.email)[-1:]
    assert mail.subject == "You were removed from Research"
    assert world.owner.name in mail.body


def test_with_both_switches_on_it_is_refused_and_changes_nothing(world: World) -> None:
    browser = signed_in(world.owner)
    assert "allows external collaborators" in words(browser.get(remove_path(world.research)))
    assert browser.post(remove_path(world.research)).status_code == 409
    assert world.research.collaborators.external().count() == 2


def test_a_second_time_no_one_is_left(world: World) -> None:
    switch_off(world)
    assert remove_externals(actor=Actor.of_user(world.owner), project=world.research) == 2
    with pytest.raises(Conflict, match="no external collaborators and no pending"):
        remove_externals(actor=Actor.of_user(world.owner), project=world.research)


def test_two_and_thirty_externals_cost_the_preview_the_same_queries(world: World) -> None:
    switch_off(world)
    counts = []
    for more in (0, 27):
        if more:
            outsiders(world.research, more)
        browser = signed_in(world.owner)
        with queries() as captured:
            assert browser.get(remove_path(world.research)).status_code == 200
        counts.append(len(own_queries(captured)))
    assert counts[0] == counts[1]


def make_accounts(world: World) -> list[ServiceAccount]:
    """Two service accounts of an external and one of the Owner."""
    makers = {
        "First": world.external_admin,
        "Second": world.external_admin,
        "Internal": world.owner,
    }
    return [
        create_service_account(actor=Actor.of_user(maker), project=world.research, name=name)
        for name, maker in makers.items()
    ]


@pytest.mark.parametrize("box", [{}, {"remove_accounts": "on"}])
def test_accounts_of_externals_are_named_and_can_be_removed_with_them(
    world: World, box: dict[str, str]
) -> None:
    make_accounts(world)
    switch_off(world)
    browser = signed_in(world.owner)
    text = words(browser.get(remove_path(world.research)))
    assert "2 service accounts were created by externals, who may know their tokens" in text
    assert "Also remove the 2 service accounts they created" in text
    assert "First created by External Admin" in text
    assert "Internal" not in text
    assert browser.post(remove_path(world.research), box).status_code == 302
    names = set(world.research.service_accounts.current().values_list("name", flat=True))
    assert names == ({"Internal"} if box else {"First", "Second", "Internal"})


def test_accounts_of_externals_are_removed_when_no_one_else_is_left(world: World) -> None:
    make_accounts(world)
    switch_off(world)
    actor, project = Actor.of_user(world.owner), world.research
    remove_externals(actor=actor, project=project, remove_accounts=False)
    assert "service accounts that some of them created" in words(listing(world.owner, world))
    with pytest.raises(Conflict, match="2 service accounts that they created still work: First, S"):
        remove_externals(actor=actor, project=project, remove_accounts=False)
    browser = signed_in(world.owner)
    refused = browser.post(remove_path(project))
    assert refused.status_code == 409
    assert "still work: First, Second." in words(refused)
    assert browser.post(remove_path(project), {"remove_accounts": "on"}).status_code == 302
    assert "no longer allowed" not in words(listing(world.owner, world))
    with pytest.raises(Conflict, match=r"no pending invitations\.'\]$"):
        remove_externals(actor=actor, project=project)
