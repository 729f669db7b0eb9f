"""Access to an organization: looks it up among those the caller can see (404), checks a permission (403)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Case, IntegerField, Q, QuerySet, When
from django.http import Http404, HttpRequest

from accounts.access.base import Access
from accounts.access.decorators import FORM_METHODS, AccessControl, TenantLookup, View, tenant_page
from accounts.access.statements import Statement
from accounts.actors import Actor
from accounts.errors import SecondFactorMissing
from accounts.models import Organization, OwnershipOffer, User
from accounts.models.principals import Principal
from accounts.permissions import Permission, Role
from accounts.web.cookies import read_cookie
from accounts.web.pages import PageMeta

# Cookies with the organization and project opened last. Only hints: the access decorators check them again.
ORGANIZATION_HINT = "organization"
PROJECT_HINT = "project"
# How many organizations and projects the switchers in the frame of a page display.
SWITCHER_LENGTH = 10
SLUG = re.compile(r"[a-z0-9-]{1,80}")


@dataclass(frozen=True)
class OrganizationAccess(Access):
    """An organization that a principal can see, with the principal's role in it."""

    principal: Principal
    organization: Organization
    role: Role

    @cached_property
    def ownership_offer(self) -> OwnershipOffer | None:
        """The open ownership offer that this user made or can accept, if any; a notice shows it."""
        offers = self.organization.ownership_offers.open().with_people()
        return offers.filter(
            Q(offered_by=self.principal.user) | Q(offered_to=self.principal.user)
        ).first()

    @property
    def active_at(self) -> datetime | None:
        return self.organization.active_at


@Statement
def select_visible(principal: Principal, **lookup: Any) -> QuerySet[Organization]:
    visible = Organization.objects.visible_to(principal).with_activity(principal)
    return visible.filter(**lookup)[:1]


@Statement
def select_reachable(principal: Principal, **lookup: Any) -> QuerySet[Organization]:
    return Organization.objects.reachable_by(principal).filter(**lookup)[:1]


def find_organization_access(principal: Principal, **lookup: Any) -> OrganizationAccess:
    """Returns access to the organization that matches `lookup` among those `principal` can see.

    Raises Http404 if there is none, SecondFactorMissing if it requires a second factor and the user has
    none.
    """
    organization = select_visible.first(principal, **lookup)
    if organization is None:
        raise_if_factor_missing(select_reachable.first(principal, **lookup))
        raise Http404
    return OrganizationAccess(principal, organization, organization.principal_role)


def find_organization_awaiting_factor(user: User) -> Organization | None:
    """Returns an organization that `user` cannot open until they have a second factor, if there is one."""
    return Organization.objects.awaiting_factor_of(user).order_by("pk").first()


def raise_if_factor_missing(organization: Organization | None) -> None:
    """Raises SecondFactorMissing for an organization that a user could reach but not open."""
    if organization is not None:
        raise SecondFactorMissing(organization.name)


def lock_organization(
    principal: Principal, organization: Organization, permission: Permission
) -> OrganizationAccess:
    """Locks the organization's row, then checks the principal's permission again.

    Every change begins here: a permission checked before the lock may have been lost since. Raises Http404
    and PermissionDenied as the access decorator does.
    """
    Organization.objects.lock(organization.pk)
    access = find_organization_access(principal, pk=organization.pk)
    access.require(permission)
    lock_credential(principal)
    return access


def lock_credential(principal: Principal) -> None:
    """Raises PermissionDenied if the personal token that the principal uses was revoked or has expired.

    Locks the person, as revoking a token does: what they do with it then comes before or after that.
    """
    user = principal.user
    if user is None or not principal.uses_token:
        return
    lock_person(user)
    if not user.personal_tokens.live().filter(public_id=principal.credential).exists():
        raise PermissionDenied


def lock_person(user: User) -> User:
    """Locks and returns the user's row, for actions that grant them something.

    Lock it after organizations and before calling `record`, which locks an audit chain. Raises
    PermissionDenied if the account has been deleted since.
    """
    locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if locked.deleted_at:
        raise PermissionDenied
    return locked


def lock_signed_in_person(actor: Actor) -> User:
    """Locks and returns the row of a user who grants something that outlives the request, such as a token.

    Like `lock_person`, but also raises PermissionDenied if the session from which they act was ended, their
    password changed or their account deactivated since the request began.
    """
    locked = lock_person(actor.person)
    if locked.password != actor.person.password or not locked.is_active:
        raise PermissionDenied
    if actor.session_pk and not locked.sessions.filter(pk=actor.session_pk).exists():
        raise PermissionDenied
    return locked


def find_selected_organization(request: HttpRequest) -> Organization | None:
    """Returns the organization opened last if still visible, else the user's home, else any they can see."""
    principal = Principal.of_request(request)
    home = principal.user.home_organization_id if principal.user else None
    return select_preferred.first(principal, read_slug_hint(request, ORGANIZATION_HINT), home)


@Statement
def select_preferred(principal: Principal, slug: str, home: int | None) -> QuerySet[Organization]:
    preference = Case(
        When(slug=slug, then=0), When(pk=home, then=1), default=2, output_field=IntegerField()
    )
    return Organization.objects.visible_to(principal).order_by(preference, "pk")[:1]


@Statement
def select_first_organizations(principal: Principal) -> QuerySet[Organization]:
    visible = Organization.objects.visible_to(principal)
    return visible.order_by("search_text", "pk")[: SWITCHER_LENGTH + 1]


def read_slug_hint(request: HttpRequest, name: str) -> str:
    """Returns the slug in the hint cookie `name`; empty if it is missing or not a slug."""
    hint = read_cookie(request, name)
    return hint if SLUG.fullmatch(hint) else ""


class OrganizationLookup(TenantLookup):
    """Looks up the organization of pages below /settings/organization/<slug>/."""

    def find_access(self, principal: Principal, slug: str) -> OrganizationAccess:
        return find_organization_access(principal, slug=slug)

    def selected_slug(self, request: HttpRequest) -> str | None:
        organization = find_selected_organization(request)
        return organization.slug if organization else None


def organization_page(
    permission: Permission, methods: tuple[str, ...] = FORM_METHODS, *, title: str, nav: str = ""
) -> Callable[[View], View]:
    """Decorates a view `(request, access, …)` below /settings/organization/<slug>/.

    `title` and `nav` are explained at `PageMeta`.
    """
    return tenant_page(
        AccessControl("organization", permission),
        methods,
        PageMeta(title, nav),
        OrganizationLookup(),
    )
