"""Access to an organization: looks it up among those the caller can see (404), checks a permission (403)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest

from accounts.access.base import Access
from accounts.access.decorators import ACT, AccessControl, TenantLookup, View, tenant_page
from accounts.models import Organization, OwnershipOffer, User
from accounts.models.principals import Principal
from accounts.permissions import MEMBER_ROLES, Permission, Role
from accounts.web.pages import PageMeta

# Which organization and project were open last: a hint in a cookie, checked again by the access decorators.
ORGANIZATION_HINT = "organization"
PROJECT_HINT = "project"
SLUG = re.compile(r"[a-z0-9-]{1,80}")


@dataclass(frozen=True)
class OrganizationAccess(Access):
    """An organization somebody may see, and what they are in it."""

    principal: Principal
    organization: Organization
    role: Role

    @cached_property
    def ownership_offer(self) -> OwnershipOffer | None:
        """The open offer of ownership this person has made or can accept, for its notice."""
        offers = self.organization.ownership_offers.open().with_people()
        return offers.filter(
            Q(offered_by=self.principal.user) | Q(offered_to=self.principal.user)
        ).first()

    @property
    def active_at(self) -> datetime | None:
        return self.organization.active_at  # type: ignore[attr-defined,no-any-return]


def find_organization_access(principal: Principal, **lookup: Any) -> OrganizationAccess:
    """The one organization `lookup` finds among those `principal` can see; Http404 for any other."""
    visible = Organization.objects.visible_to(principal).with_activity(principal)
    organization = visible.filter(**lookup).first()
    if organization is None:
        raise Http404
    role = MEMBER_ROLES.get(organization.own_role, Role.EXTERNAL)  # type: ignore[attr-defined]
    return OrganizationAccess(principal, organization, role)


def lock_organization(
    principal: Principal, organization: Organization, permission: Permission
) -> OrganizationAccess:
    """Locks the organization's row, then reads the principal's right again.

    Every change begins here: a right read before the lock may be gone. Raises Http404 and
    PermissionDenied like the access decorator.
    """
    Organization.objects.lock(organization.pk)
    access = find_organization_access(principal, pk=organization.pk)
    access.require(permission)
    return access


def lock_person(user: User) -> User:
    """The person's own row, for acts that give them something.

    Locked after any organization's and before any audit chain, which `record` locks.

    PermissionDenied when their account was deleted meanwhile.
    """
    locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if locked.deleted_at:
        raise PermissionDenied
    return locked


def find_selected_organization(request: HttpRequest) -> Organization | None:
    """The organization last opened, if still visible, else the caller's home, else any of theirs."""
    principal = Principal.of_request(request)
    visible = Organization.objects.visible_to(principal)
    return (
        visible.filter(slug=read_slug_hint(request, ORGANIZATION_HINT)).first()
        or visible.filter(home_users=principal.user).first()
        or visible.order_by("pk").first()
    )


def read_slug_hint(request: HttpRequest, name: str) -> str:
    """The slug in the hint cookie `name`; empty when there is none or it is none."""
    hint = request.COOKIES.get(name, "")
    return hint if SLUG.fullmatch(hint) else ""


class OrganizationLookup(TenantLookup):
    """Finds the organization below /settings/organization/<slug>/."""

    def find_access(self, principal: Principal, slug: str) -> OrganizationAccess:
        return find_organization_access(principal, slug=slug)

    def selected_slug(self, request: HttpRequest) -> str | None:
        organization = find_selected_organization(request)
        return organization.slug if organization else None


def organization_page(
    permission: Permission, methods: tuple[str, ...] = ACT, *, title: str, nav: str = ""
) -> Callable[[View], View]:
    """A view `(request, access, …)` below /settings/organization/<slug>/, see `PageMeta` for `nav`."""
    return tenant_page(
        AccessControl("organization", permission),
        methods,
        PageMeta(title, nav),
        OrganizationLookup(),
    )
