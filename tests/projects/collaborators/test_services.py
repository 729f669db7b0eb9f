"""Adding people to a project, and leaving it: who may, what comes of it, and what the answer gives away."""

import re

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.actors import Actor
from accounts.enums import Action, Delivery
from accounts.errors import Conflict
from accounts.models import AuditEvent, Invitation
from accounts.permissions import ProjectRole
from projects.models import Project
from projects.services.additions import Added, Outcome, add_collaborator
from projects.services.collaborators import leave_project
from tests.database.refusals import all_rows
from tests.projects.helpers.actors import ACTORS, OUTSIDE, Cast, build_cast, kind
from tests.world import ADMIN, MEMBER, World, person, set_limits

pytestmark = pytest.mark.django_db

# Whom one can name in the form.
UNLISTED, LISTED, PENDING = (
    "member@northwind.example",
    "project.member@northwind.example",
    ("invited@partner.example"),
)
OUTSIDER, NOBODY = "stranger@contoso.example", "nobody@nowhere.example"
ADDRESSES = (UNLISTED, LISTED, PENDING, OUTSIDER, NOBODY, "external@partner.example")


@pytest.fixture
def cast(db: None) -> Cast:
    return build_cast()


def add(cast: Cast, actor: str, email: str, role: ProjectRole = MEMBER) -> Added:
    by = Actor.of_user(cast.people[actor])
    return add_collaborator(actor=by, project=cast.project, email=email, role=role)


def post(client: Client, project: Project, email: str, role: str = "member") -> HttpResponse:
    address = reverse("collaborator_add", args=[project.slug])
    answer: HttpResponse = client.post(address, {"email": email, "role": role})
    return answer


@pytest.mark.parametrize("role", ProjectRole)
@pytest.mark.parametrize("actor", ["owner", "admin", "second admin", "project admin"])
def test_someone_who_manages_the_project_lets_a_member_in_at_once(
    cast: Cast, actor: str, role: ProjectRole
) -> None:
    added = add(cast, actor, UNLISTED, role)
    row = cast.project.collaborators.get(user=cast.people["member"])
    assert added == Added(Outcome.JOINED, row.user.name)
    assert (row.role, row.added_by) == (role, cast.people[actor])
    assert row.membership == row.user.memberships.get()
    event = AuditEvent.objects.latest("pk")
    assert (event.act, event.actor) == (Action.COLLABORATOR_ADDED, cast.people[actor])


@pytest.mark.parametrize("role", ProjectRole)
@pytest.mark.parametrize("actor", ["owner", "admin", "project admin"])
def test_someone_who_manages_the_project_invites_someone_else(
    cast: Cast, actor: str, role: ProjectRole
) -> None:
    assert add(cast, actor, OUTSIDER, role) == Added(Outcome.INVITED, OUTSIDER)
    invitation = Invitation.objects.pending().get(email=OUTSIDER)
    grant = invitation.project_grants.get()
    assert (grant.project, grant.role) == (cast.project, role)
    assert (invitation.role, invitation.delivery) == ("", Delivery.QUEUED)
    assert not cast.people["stranger"].collaborations.exists()


@pytest.mark.parametrize("email", ADDRESSES)
@pytest.mark.parametrize("role", ProjectRole)
def test_an_external_admin_lets_members_in_and_no_one_else(
    cast: Cast, email: str, role: ProjectRole
) -> None:
    before = all_rows()
    assert add(cast, "external admin", email, role) == Added(Outcome.UNTOLD, email)
    if email == UNLISTED:
        assert cast.project.collaborators.get(user=cast.people["member"]).role == role
    else:
        assert all_rows() == before


def test_an_external_admin_gets_the_same_answer_for_every_address(
    cast: Cast, client: Client
) -> None:
    client.force_login(cast.people["external admin"])
    answers = set()
    for email in ADDRESSES:
        answer = post(client, cast.project, email)
        message = list(get_messages(answer.wsgi_request))[-1]
        # The invitation, which the list marks as new, has a random id.
        location = re.sub(r"(?<=invitation_)\w+", "…", answer["Location"])
        answers.add((answer.status_code, location, str(message).replace(email, "…")))
    assert len(answers) == 1
    assert answers.pop()[0] == 302


@pytest.mark.parametrize("actor", ACTORS)
def test_no_one_else_can_add_anyone(cast: Cast, client: Client, actor: str) -> None:
    allowed = kind(actor) in ("owner", "admin", "project admin", "external admin")
    client.force_login(cast.people[actor])
    before = all_rows()
    status = post(client, cast.project, UNLISTED, "admin").status_code
    assert status == (302 if allowed else 404 if kind(actor) in OUTSIDE else 403)
    if not allowed:
        assert all_rows() == before
        with pytest.raises((PermissionDenied, Http404)):
            add(cast, actor, UNLISTED)


@pytest.mark.parametrize("email", [LISTED, PENDING, "external@partner.example"])
def test_someone_listed_or_invited_already_is_a_conflict(
    cast: Cast, client: Client, email: str
) -> None:
    client.force_login(cast.people["project admin"])
    before = all_rows()
    answer = post(client, cast.project, email)
    assert answer.status_code == 409
    assert b"already" in answer.content
    assert all_rows() == before


def test_an_address_is_the_same_however_it_is_written(cast: Cast, client: Client) -> None:
    client.force_login(cast.people["owner"])
    assert post(client, cast.project, " Project.MEMBER@Northwind.Example ").status_code == 409
    assert post(client, cast.project, "Ｍember@northwind.example").status_code == 302
    assert cast.project.collaborators.filter(user=cast.people["member"]).exists()


@pytest.mark.parametrize(
    "email", ["", "no address", "a@b", "x@y.z\nBcc: all@x.example", "\x00@x.com"]
)
def test_what_is_no_address_is_refused(cast: Cast, client: Client, email: str) -> None:
    client.force_login(cast.people["owner"])
    before = all_rows()
    assert post(client, cast.project, email).status_code == 422
    assert all_rows() == before


@pytest.mark.parametrize(
    ("of_organization", "of_project"), [(False, True), (True, False), (False, False)]
)
def test_the_refusal_of_an_outsider_names_exactly_the_switches_that_are_off(
    cast: Cast, client: Client, of_organization: bool, of_project: bool
) -> None:
    set_limits(cast.world.organization, cast.people["staff"], limit=5, externals=of_organization)
    Project.objects.filter(pk=cast.project.pk).update(allow_external_collaborators=of_project)
    client.force_login(cast.people["project admin"])
    before = all_rows()
    refusals = []
    for email in (OUTSIDER, NOBODY):
        with pytest.raises(ValidationError) as refusal:
            add(cast, "project admin", email)
        refusals.append(" ".join(refusal.value.messages).replace(email, "…"))
        assert post(client, cast.project, email).status_code == 422
    assert refusals[0] == refusals[1], "the refusal shows whether an address has an account"
    assert (
        "External collaborators are not enabled for Northwind" in refusals[0]
    ) is not of_organization
    assert ("Research does not allow external" in refusals[0]) is not of_project
    assert ("support" in refusals[0]) is not of_organization
    assert all_rows() == before


def test_with_the_switches_off_members_still_come_in(cast: Cast) -> None:
    set_limits(cast.world.organization, cast.people["staff"], limit=5, externals=False)
    assert add(cast, "project admin", UNLISTED).outcome == Outcome.JOINED


def test_the_answer_to_a_manager_never_shows_whether_an_address_has_an_account(
    cast: Cast, client: Client
) -> None:
    client.force_login(cast.people["owner"])
    answers = set()
    for email in (OUTSIDER, NOBODY):
        answer = post(client, cast.project, email)
        message = list(get_messages(answer.wsgi_request))[-1]
        # The invitation, which the list marks as new, has a random id.
        location = re.sub(r"(?<=invitation_)\w+", "…", answer["Location"])
        answers.add((answer.status_code, location, str(message).replace(email, "…")))
    assert len(answers) == 1


@pytest.mark.parametrize("actor", ["owner", "admin", "project member"])
def test_no_one_is_added_to_the_default_project(world: World, client: Client, actor: str) -> None:
    user = {"owner": world.owner, "admin": world.admin, "project member": world.project_member}[
        actor
    ]
    client.force_login(user)
    before = all_rows()
    for email in (world.member.email, NOBODY):
        status = post(client, world.default, email).status_code
        assert status == (403 if actor == "project member" else 409)
    assert all_rows() == before


def test_a_former_member_is_an_outsider_again(world: World) -> None:
    """The address decides by today's membership, not by what there once was."""
    leaver = world.member
    leaver.memberships.get().delete()
    added = add_collaborator(
        actor=Actor.of_user(world.owner), project=world.research, email=leaver.email, role=MEMBER
    )
    assert added.outcome == Outcome.INVITED


@pytest.mark.parametrize(
    "actor", ["project admin", "project member", "external admin", "external member"]
)
def test_everyone_listed_can_leave(cast: Cast, client: Client, actor: str) -> None:
    client.force_login(cast.people[actor])
    leave = reverse("collaborators_leave", args=[cast.project.slug])
    assert client.get(leave).status_code == 200
    assert cast.project.collaborators.filter(user=cast.people[actor]).exists()
    assert client.post(leave).status_code == 302
    assert not cast.project.collaborators.filter(user=cast.people[actor]).exists()
    assert client.post(leave).status_code == 404
    assert AuditEvent.objects.latest("pk").act == Action.COLLABORATOR_LEFT


def test_who_is_not_listed_has_nothing_to_leave(world: World) -> None:
    before = all_rows()
    for user, project in [
        (world.owner, world.research),
        (world.admin, world.research),
        (world.member, world.default),
        (world.owner, world.default),
    ]:
        with pytest.raises(Conflict):
            leave_project(actor=Actor.of_user(user), project=project)
    for user in (world.stranger, world.former, world.member):
        with pytest.raises(Http404):
            leave_project(actor=Actor.of_user(user), project=world.research)
    assert all_rows() == before


def test_a_person_of_two_organizations_is_listed_as_what_they_are_in_each(world: World) -> None:
    both = person("consultant@both.example")
    world.other_organization.memberships.create(user=both, role="admin")
    added = add_collaborator(
        actor=Actor.of_user(world.owner), project=world.research, email=both.email, role=ADMIN
    )
    assert added.outcome == Outcome.INVITED
    added = add_collaborator(
        actor=Actor.of_user(world.stranger),
        project=world.other_project,
        email=both.email,
        role=ADMIN,
    )
    assert added.outcome == Outcome.JOINED
    assert [row.project for row in both.collaborations.all()] == [world.other_project]
