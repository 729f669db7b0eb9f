"""Who an API key belongs to: a service account, or the person who created it and their access now."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When

from accounts.actors import Actor
from accounts.members.departure import ALL_KEYS
from accounts.models import Membership
from accounts.permissions import OrganizationRole, Role, project_role
from keys.models.account_token import AccountToken
from keys.models.admin_key import AdminKey
from projects.models import Collaborator, Project
from projects.models.collaborator import CollaboratorQuerySet

NOT_THEIRS = "One of these keys wasn't created by them here. Choose from the keys listed."
Key = TypeVar("Key", bound=models.Model)


def memberships_of_creator() -> "models.QuerySet[Membership]":
    """Returns the membership that the creator of the outer query's key has in its organization."""
    return Membership.objects.filter(
        organization=OuterRef("project__organization"), user=OuterRef("created_by")
    )


def rows_of_creator() -> CollaboratorQuerySet:
    """Returns the row that the creator of the outer query's key has in its project."""
    return Collaborator.objects.current().filter(
        project=OuterRef("project"), user=OuterRef("created_by")
    )


class ChoosableQuerySet(models.QuerySet[Key]):
    """The part of `ApiKeyQuerySet` that takes ids from a form."""

    if TYPE_CHECKING:

        def active(self) -> Self: ...

        def revoke(self, actor: Actor, *, reason: str = "") -> list[Any]: ...

    def revoke_chosen(self, actor: Actor, chosen: Collection[str], *, reason: str) -> int:
        """Revokes the keys with these public ids, or with `ALL_KEYS` all active ones, and returns how many.

        Raises ValidationError at `revoke` for the id of any other key. Keys that are revoked already are
        skipped. See `revoke`.
        """
        if not chosen:
            return 0
        if set(chosen) - {ALL_KEYS, *self.values_list("public_id", flat=True)}:
            raise ValidationError({"revoke": NOT_THEIRS})
        revoked = self.filter(public_id__in=chosen).revoke(actor, reason=reason)
        if ALL_KEYS in chosen:
            revoked += self.active().revoke(actor, reason=reason)
        return len(revoked)


class OwnedQuerySet(ChoosableQuerySet[Key]):
    """The part of `ApiKeyQuerySet` about creators.

    Keys of service accounts, and those that no person created, never lose theirs.
    """

    def with_accounts(self) -> Self:
        """Adds the service account that a key belongs to, with the one that created that."""
        return self.select_related("service_account__created_by_account")

    def with_creators(self) -> Self:
        """Adds the creator and `creator_is_in`: whether they still have access to organization or project.

        Where a program created the key, adds the name of the admin API key or of the service account.
        """
        is_in = Exists(memberships_of_creator()) | Exists(rows_of_creator())
        maker = {"public_id": OuterRef("created_with")}
        tokens = AccountToken.objects.filter(**maker)
        return self.select_related("created_by", "service_account").annotate(
            creator_is_in=Q(created_by__isnull=True) | Q(service_account__isnull=False) | is_in,
            admin_key_name=Subquery(AdminKey.objects.filter(**maker).values("name")[:1]),
            account_name=Subquery(tokens.values("service_account__name")[:1]),
        )

    def with_owners(self) -> Self:
        """Adds the creator, and the roles stored for them in the organization and in the project."""
        return self.select_related("created_by", "service_account", "project").annotate(
            owner_organization_role=Subquery(memberships_of_creator().values("role")[:1]),
            owner_project_role=Subquery(rows_of_creator().values("role")[:1]),
        )

    def with_owner_access(self, *, active: bool) -> Self:
        """Keys from `with_owners` whose creator has, or no longer has, access to the project."""
        has_access = (
            Q(created_by__isnull=True)
            | Q(service_account__isnull=False)
            | Q(owner_organization_role__in=(OrganizationRole.OWNER, OrganizationRole.ADMIN))
            | Q(owner_organization_role__isnull=False, project__is_default=True)
            | Q(owner_project_role__isnull=False)
        )
        # A negated condition would leave out keys whose creator has no role at all.
        case = Case(When(has_access, then=Value(value=True)), default=Value(value=False))
        return self.annotate(owner_has_access=case).filter(owner_has_access=active)


class Owned:
    """The part of `ApiKey` about its creator."""

    project: Project
    created_by_id: int | None
    service_account_id: int | None

    # Annotations of `with_creators` and of `with_owners`.
    creator_is_in: bool
    admin_key_name: str | None
    account_name: str | None
    owner_organization_role: str | None
    owner_project_role: str | None

    @property
    def program_name(self) -> str:
        """The program that created the key, for people; empty if a person did. Needs `with_creators`."""
        if self.created_by_id is not None:
            return ""
        if self.admin_key_name:
            return f"Admin API key {self.admin_key_name}"
        return f"Service account {self.account_name}" if self.account_name else ""

    @property
    def owner_role(self) -> Role | None:
        """The creator's role in the project now; None without access."""
        return project_role(
            self.owner_organization_role,
            self.owner_project_role,
            is_default=self.project.is_default,
        )

    @property
    def has_owner_access(self) -> bool:
        """The same as `OwnedQuerySet.with_owner_access`."""
        if self.created_by_id is None or self.service_account_id is not None:
            return True
        return self.owner_role is not None
