"""The longest names and addresses there can be: acts on such people work as on all others."""

import pytest

from accounts.actors import Actor
from accounts.enums import Action
from accounts.models import AuditEvent, OutgoingMail
from projects.models import Collaborator
from projects.models.collaborator import today
from projects.services.collaborators import remove_collaborator
from projects.services.endings import end_accesses, remind_of_endings
from projects.services.projects import change_project, change_slug
from tests.support.clock import DAY
from tests.support.mail import mailed_to
from tests.world import World, accept, invited, person

pytestmark = pytest.mark.django_db
LONGEST = f"{'a' * 230}@partner.example"


def long_row(world: World) -> Collaborator:
    """An external with all that stands in a subject or a label at its longest."""
    owner, project = Actor.of_user(world.owner), world.research
    change_project(actor=owner, project=project, name="R" * 100, allow_external_collaborators=True)
    change_slug(actor=owner, project=project, slug="r" * 70)
    user = person(LONGEST, "N" * 100)
    project.refresh_from_db()
    accept(invited(project, LONGEST), user)
    return project.collaborators.get(user=user)


def test_someone_who_has_the_longest_address_can_be_removed(world: World) -> None:
    row = long_row(world)
    remove_collaborator(actor=Actor.of_user(world.owner), collaborator=row)
    event = AuditEvent.objects.filter(act=Action.COLLABORATOR_REMOVED).latest("pk")
    assert event.target_name.startswith(LONGEST)
    assert len(event.target_name) <= 254
    assert not world.research.collaborators.filter(pk=row.pk).exists()


def test_long_names_are_reminded_and_end_like_others(world: World) -> None:
    row = long_row(world)
    Collaborator.objects.filter(pk=row.pk).update(end_date=today() + DAY)
    assert remind_of_endings() == 1
    assert mailed_to(LONGEST)[-1].subject == f"Your access to {'R' * 100} ends"
    assert (
        max(len(subject) for subject in OutgoingMail.objects.values_list("subject", flat=True))
        <= 200
    )
    Collaborator.objects.filter(pk=row.pk).update(end_date=today() - DAY)
    assert end_accesses() == 1
