"""A principal's role in an organization or project, and what it is allowed to do there now."""

from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.access.resolver import Grant, resolve
from accounts.enums import PrincipalKind
from accounts.errors import Frozen
from accounts.models import Organization
from accounts.models.membership import ACTIVITY_STEP
from accounts.models.principals import Principal
from accounts.permissions import LEAVE_PERMISSIONS, Permission, Role, allows


class May:
    """Permissions as booleans for templates, such as `may.collaborators_manage`."""

    def __init__(self, access: "Access") -> None:
        self.access = access

    def __getattr__(self, name: str) -> bool:
        try:
            return self.access.allows(Permission[name.upper()])
        except KeyError as error:
            raise AttributeError(name) from error


class Access:
    """An organization or project that a principal can see, with the principal's role in it."""

    role: Role

    if TYPE_CHECKING:

        @property
        def principal(self) -> Principal: ...

        @property
        def organization(self) -> Organization: ...

        @property
        def active_at(self) -> datetime | None: ...

    @property
    def why_frozen(self) -> str:
        """Why nothing can be changed here now, for the page's banner; empty if changes are possible."""
        return self.organization.why_frozen

    @property
    def unfrozen(self) -> frozenset[Permission]:
        """The permissions that remain while changes are not possible."""
        return LEAVE_PERMISSIONS

    @property
    def may(self) -> May:
        return May(self)

    def mark_active(self) -> None:
        """Updates when the person was last active; without a query if it was updated recently."""
        if self.principal.viewed_in:
            return
        if self.active_at and self.active_at < timezone.now() - ACTIVITY_STEP:
            self.find_activity().mark_active()

    def find_activity(self) -> Any:
        """Returns the row that has `active_at`, as a queryset with `mark_active`."""
        return self.organization.memberships.filter(user=self.principal.user)

    @cached_property
    def grant(self) -> Grant:
        """What the principal is allowed to do here now."""
        return resolve(
            self.role,
            unfrozen=self.unfrozen if self.why_frozen else None,
            viewed=self.principal.viewed_in is not None,
            program=self.principal.kind == PrincipalKind.SERVICE_ACCOUNT,
        )

    def holds(self, permission: Permission) -> bool:
        """Returns whether the principal can open the page of `permission`, see `Grant.pages`."""
        return permission in self.grant.pages

    def allows(self, permission: Permission) -> bool:
        """Returns whether the principal has `permission` now."""
        return permission in self.grant.permissions

    def require(self, permission: Permission) -> None:
        """Raises PermissionDenied without `permission`, Frozen if no one has it at the moment."""
        if not self.allows(permission):
            raise self.refusal(permission)

    def refusal(self, permission: Permission) -> PermissionDenied:
        """Returns what to raise for a missing permission: Frozen if the role itself would have it."""
        frozen = self.why_frozen and allows(self.role, permission)
        return Frozen(self.why_frozen) if frozen else PermissionDenied()
