"""View as: half an hour of read-only access in which support staff see what a member sees."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action
from accounts.errors import Conflict
from accounts.models import Membership, Organization, User, ViewAs
from accounts.models.support import VIEW_LIFETIME
from accounts.support.services.staff import CHANGE_ORGANIZATION, get_staff_user, require_staff

# The key in the session of the view's public id.
VIEW_AS = "view_as"


@transaction.atomic
def start_view(*, actor: Actor, membership: Membership, reason: str) -> ViewAs:
    """Starts viewing as that member, and ends the staff user's previous view.

    Raises Conflict if they are no longer a member; PermissionDenied if the actor is not staff or the member
    is.
    """
    staff = get_staff_user(actor)
    if membership.user.is_staff or not membership.user.is_active:
        raise PermissionDenied
    former = ViewAs.objects.unended().filter(staff=staff).first()
    organizations = {membership.organization_id, *([former.organization_id] if former else [])}
    # Always in the same order, to prevent deadlocks.
    locked = {pk: Organization.objects.lock(pk) for pk in sorted(organizations)}
    # A second session of the same staff user waits here, then finds the view of the first.
    User.objects.select_for_update(no_key=True).get(pk=staff.pk)
    require_staff(actor, CHANGE_ORGANIZATION, membership.organization)
    if not locked[membership.organization_id].memberships.filter(pk=membership.pk).exists():
        raise Conflict("They are no longer a member.")
    running = list(ViewAs.objects.unended().filter(staff=staff))
    if [view.pk for view in running] != ([former.pk] if former else []):
        raise Conflict(
            "You started another view at the same moment. Check which one, then try again."
        )
    for view in running:
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
    events = [(ended, Action.VIEW_AS_ENDED) for ended in running]
    events.append((view, Action.VIEW_AS_STARTED))
    for subject, action in sorted(events, key=lambda event: event[0].organization_id):
        record_view(actor, action, subject)
    return view


@transaction.atomic
def end_view(*, actor: Actor, view: ViewAs) -> bool:
    """Ends the view, by its button or because it may not go on. Returns False if it has already ended."""
    Organization.objects.lock(view.organization_id)
    locked = ViewAs.objects.unended().with_people().filter(pk=view.pk).first()
    if locked is None:
        return False
    locked.end()
    record_view(actor, Action.VIEW_AS_ENDED, locked)
    return True


def end_expired_views() -> int:
    """Ends views whose half hour is over. Returns how many."""
    expired = ViewAs.objects.unended().with_people().filter(ends_at__lte=timezone.now())
    return sum(end_view(actor=Actor.of_user(view.staff), view=view) for view in expired)


def record_view(actor: Actor, action: Action, view: ViewAs) -> None:
    record(
        actor,
        action,
        organization=view.organization,
        target=view.user,
        label=view.user.email,
        after={"reason": view.reason, "until": view.ends_at.isoformat(timespec="seconds")},
    )
