"""The limit of additions by external Project Admins, who could otherwise try out who is a member."""

from django.db.models import F, Q
from django.utils import timezone

from accounts.enums import Action
from accounts.invitations.services.mailing import DAY, require_room
from accounts.models import AuditEvent
from accounts.permissions import EXTERNAL_ROLES
from projects.access import ProjectAccess
from projects.models.counting import get_related_model

# In 24 hours, by all externals of a project together, to this and other projects of the organization.
MAX_ADDITIONS = 100
TOO_MANY = (
    "External collaborators have added %(limit)d people in the last 24 hours. "
    "Try again tomorrow, or ask a Project Admin who is a member of the organization."
)


def require_room_for_addition(access: ProjectAccess) -> None:
    """Raises TooMany if the principal is external and the project's externals have reached the limit.

    Service accounts that externals created count as externals. People who were removed again still count.
    The organization must be locked.
    """
    if access.role not in EXTERNAL_ROLES:
        return
    tokens = get_related_model("service_accounts", "tokens").objects.filter(
        service_account__project=access.project, service_account__counts_as_external=True
    )
    people = access.project.collaborators.external().values("user")
    added = AuditEvent.objects.filter(
        Q(actor__in=people) | Q(credential__in=tokens.values("public_id")),
        chain__organization=access.organization,
        act=Action.COLLABORATOR_ADDED,
        at__gt=timezone.now() - DAY,
    )
    require_room(added.annotate(created_at=F("at")), MAX_ADDITIONS, TOO_MANY)
