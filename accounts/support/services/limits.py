"""Changes the limits of organizations."""

from django.db import transaction

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action
from accounts.errors import Conflict
from accounts.models import Organization
from accounts.support.services.staff import CHANGE_ORGANIZATION, require_staff
from accounts.web.formatting import format_count


@transaction.atomic
def change_limits(
    *,
    actor: Actor,
    organization: Organization,
    project_limit: int,
    external_collaborators_enabled: bool,
    note: str,
) -> None:
    """Changes how many projects the organization can have, and whether they can invite externals.

    Raises Conflict if it has more than `project_limit` projects.
    """
    locked = Organization.objects.lock(organization.pk)
    require_staff(actor, CHANGE_ORGANIZATION, locked)
    existing = locked.projects.unarchived().count()
    if existing > project_limit:
        projects = format_count(existing, "project")
        raise Conflict(
            {"project_limit": f"This organization has {projects}. Enter at least {existing}."}
        )
    before = get_limits(locked)
    locked.project_limit = project_limit
    locked.external_collaborators_enabled = external_collaborators_enabled
    locked.save(update_fields=["project_limit", "external_collaborators_enabled"])
    record(
        actor,
        Action.ORGANIZATION_LIMITS_CHANGED,
        organization=locked,
        target=locked,
        before=before,
        after={**get_limits(locked), "note": note},
    )


def get_limits(organization: Organization) -> dict[str, int | bool]:
    return {
        "project_limit": organization.project_limit,
        "external_collaborators_enabled": organization.external_collaborators_enabled,
    }
