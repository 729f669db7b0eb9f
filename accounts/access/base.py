"""Access: what a principal is somewhere in a tenant, and what it may do there now."""

from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.access.resolver import Grant, resolve
from accounts.errors import Frozen
from accounts.models import Organization
from accounts.models.organization import ACTIVITY_STEP
from accounts.models.principals import Principal
from accounts.permissions import LEAVE_PERMISSIONS, Permission, Role, allows


class May:
    """What somebody may do now, for templates: `may.collaborators_manage` is a boolean."""

    def __init__(self, access: "Access") -> None:
        self.access = access

    def __getattr__(self, name: str) -> bool:
        try:
            return self.access.allows(Permission[name.upper()])
        except KeyError as error:
            raise AttributeError(name) from error


class Access:
    """Something of a tenant that somebody may see, and what they are in it."""

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
        """Why nothing can be changed here now, for the page's banner; empty while it can."""
        return self.organization.why_frozen

    @property
    def unfrozen(self) -> frozenset[Permission]:
        """What may be done although it is frozen."""
        return LEAVE_PERMISSIONS

    @property
    def may(self) -> May:
        return May(self)

    def mark_active(self) -> None:
        """Keeps the members page's *last active* true; without a query while that is recent."""
        if self.principal.viewed_in:
            return
        if self.active_at and self.active_at < timezone.now() - ACTIVITY_STEP:
            self.organization.memberships.filter(user=self.principal.user).mark_active()

    @cached_property
    def grant(self) -> Grant:
        """What the principal may do here now; the one place that asks for it."""
        return resolve(
            self.role,
            unfrozen=self.unfrozen if self.why_frozen else None,
            viewed=self.principal.viewed_in is not None,
        )

    def holds(self, permission: Permission) -> bool:
        """Whether the page of `permission` can be opened, see `Grant.shown`."""
        return permission in self.grant.shown

    def allows(self, permission: Permission) -> bool:
        """Whether the principal may do this now."""
        return permission in self.grant.permissions

    def require(self, permission: Permission) -> None:
        """PermissionDenied when the caller may not do this; Frozen when nobody may now."""
        if not self.allows(permission):
            raise self.refusal(permission)

    def refusal(self, permission: Permission) -> PermissionDenied:
        """What to raise for an act that is refused: is it the role, or that all stands still?"""
        frozen = self.why_frozen and allows(self.role, permission)
        return Frozen(self.why_frozen) if frozen else PermissionDenied()
