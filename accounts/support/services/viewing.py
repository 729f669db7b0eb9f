"""View as: half an hour in which a support person sees what a member sees, and changes nothing."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action
from accounts.errors import Conflict
from accounts.models import Membership, Organization, User, ViewAs
from accounts.models.support import VIEW_LIFETIME
from accounts.support.services.support import get_staff_user

# Where the session keeps the public id of the view.
VIEW_AS = "view_as"


@transaction.atomic
def start_view(*, actor: Actor, membership: Membership, reason: str) -> ViewAs:
    """Begins to view as that member, and ends what the support person viewed before.

    Conflict when they are no member any more. Raises PermissionDenied for anybody but staff, and
    for a member who is staff.
    """
    staff = get_staff_user(actor)
    if membership.user.is_staff or not membership.user.is_active:
        raise PermissionDenied
    former = ViewAs.objects.unended().filter(staff=staff).first()
    organizations = {membership.organization_id, *([former.organization_id] if former else [])}
    # Always in the same order, so that two who lock the same ones never wait for each other.
    locked = {pk: Organization.objects.lock(pk) for pk in sorted(organizations)}
    # Two sessions of the same person: the second waits here, and then finds the first one's view.
    User.objects.select_for_update(no_key=True).get(pk=staff.pk)
    if not locked[membership.organization_id].memberships.filter(pk=membership.pk).exists():
        raise Conflict("They are no member any more.")
    now = list(ViewAs.objects.unended().filter(staff=staff))
    if [view.pk for view in now] != ([former.pk] if former else []):
        raise Conflict("You began another view at the same moment. Look which one, and try again.")
    for view in now:
        view.end()
    started_at = timezone.now()
    view = ViewAs.objects.create(
        started_at=started_at,
        ends_at=started_at + VIEW_LIFETIME,
        staff=staff,
        organization=locked[membership.organization_id],
        user=membership.user,
        reason=reason,
    )
    notes = [(one, Action.VIEW_AS_ENDED) for one in now] + [(view, Action.VIEW_AS_STARTED)]
    for one, act in sorted(notes, key=lambda pair: pair[0].organization_id):
        record_view(actor, act, one)
    return view


@transaction.atomic
def end_view(*, actor: Actor, view: ViewAs) -> bool:
    """Ends it, by its button or because it may not go on; False when it has ended already."""
    Organization.objects.lock(view.organization_id)
    locked = ViewAs.objects.unended().with_people().filter(pk=view.pk).first()
    if locked is None:
        return False
    locked.end()
    record_view(actor, Action.VIEW_AS_ENDED, locked)
    return True


def end_expired_views() -> int:
    """Writes down the end of those whose half hour is over; how many there were."""
    over = ViewAs.objects.unended().with_people().filter(ends_at__lte=timezone.now())
    return sum(end_view(actor=Actor.of_user(view.staff), view=view) for view in over)


def record_view(actor: Actor, act: Action, view: ViewAs) -> None:
    record(
        actor,
        act,
        organization=view.organization,
        target=view.user,
        label=view.user.email,
        after={"reason": view.reason, "until": view.ends_at.isoformat(timespec="seconds")},
    )
