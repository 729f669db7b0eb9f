"""The frame around error pages of signed-in people, and who can help them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from django.http import HttpRequest

from accounts.access.organization import OrganizationAccess
from accounts.models import User
from accounts.permissions import Permission, allows, to_organization_role
from accounts.web.pages import PageMeta
from console.web.frame import Frame
from projects.access import ProjectAccess

TenantAccess = ProjectAccess | OrganizationAccess
# As many as fit into a short list.
MOST_HELPERS = 3


class ErrorFrame(Frame):
    """The frame of an error page. It has no forms, so that its bytes are the same for each request.

    Without an `access` it depends on the person alone: it shows what they opened last.
    """

    is_plain = True

    def __init__(self, request: HttpRequest, title: str, access: TenantAccess | None) -> None:
        super().__init__(request)
        self.access = access
        vars(self).update(page=PageMeta(title))

    @property
    def view_name(self) -> str:
        return ""


@dataclass(frozen=True)
class Helper:
    """Someone who can change what the reader may do. `email` is empty if the reader may not see it."""

    name: str
    role: str
    email: str = ""


def list_helpers(access: TenantAccess) -> list[Helper]:
    """Returns the first Admins of the project, then Owner and Admins of the organization, for its members."""
    helpers: dict[int, Helper] = {}
    for user, helper in find_admins(access):
        if not access.principal.is_user(user.pk):
            helpers[user.pk] = helper
    return list(islice(helpers.values(), MOST_HELPERS))


def find_admins(access: TenantAccess) -> Iterator[tuple[User, Helper]]:
    """Yields people with what the reader may see of them: as in the lists of collaborators and members."""
    if isinstance(access, ProjectAccess):
        sees_emails = access.holds(Permission.COLLABORATOR_EMAILS_SEE)
        rows = access.project.collaborators.current().admins().with_people().order_by("pk")
        for row in rows.filter(user__is_active=True)[: MOST_HELPERS + 1]:
            email = row.user.email if sees_emails else ""
            yield row.user, Helper(row.user.name, "Project Admin", email)
    if allows(to_organization_role(access.role), Permission.MEMBERS_SEE):
        in_charge = access.organization.memberships.with_every_project().with_users()
        # The Owner's role sorts after the Admins'.
        for membership in in_charge.order_by("-role", "pk")[: MOST_HELPERS + 1]:
            user = membership.user
            yield user, Helper(user.name, membership.get_role_display(), user.email)
