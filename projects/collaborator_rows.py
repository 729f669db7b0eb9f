"""The rows of the collaborators table: everything that they show, ready for the template."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from accounts.email_addresses import format_email
from accounts.models import Membership, User
from accounts.permissions import Permission, ProjectRole, allows
from accounts.web.elements import MenuCopy, MenuLink, Moment, RowMenu
from accounts.web.formatting import format_day
from projects.access import ProjectAccess
from projects.models import Collaborator, ProjectGrant
from projects.models.collaborator import today
from projects.services.collaborators import may_change
from projects.services.endings import may_set_end

OTHER_ROLE = {ProjectRole.ADMIN: "Make member", ProjectRole.MEMBER: "Make admin"}


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person in a list. `email` is empty for readers who may not see email addresses."""

    name: str
    email: str
    initials: str
    hue: int
    kind: str


@dataclass(frozen=True, slots=True)
class RoleLink:
    """A role that the reader may change: its `description` says so to screen readers."""

    url: str
    description: str


@dataclass(frozen=True, slots=True)
class CollaboratorRow(PersonRow):
    """A collaborator. Notes are empty, and links None, where they do not apply."""

    url: str
    reference: str
    box_label: str
    mark: str
    you: str
    voucher: str
    warning: str
    role: str
    role_link: RoleLink | None
    end: str
    end_class: str
    added: Moment
    menu: RowMenu | None


def build_person_url(access: ProjectAccess, user: User) -> str:
    """Returns the URL of the person's page; empty for those who may not open it."""
    if not allows(access.role, Permission.ORGANIZATION_TOKENS_SEE):
        return ""
    return reverse("person", args=[access.organization.slug, user.public_id])


def describe_person(user: User, membership: Membership | None, *, emails: bool) -> dict[str, Any]:
    """Returns the fields of `PersonRow`."""
    return {
        "name": user.name,
        "email": format_email(user.email) if emails else "",
        "initials": user.initials,
        "hue": user.hue,
        "kind": membership.get_role_display() if membership else "External",
    }


def format_end(row: Collaborator | ProjectGrant) -> str:
    """Returns the end of access as text, such as "Until 12 Mar 2026"; empty without an end date."""
    if row.end_date is None:
        return ""
    return f"{'Ended' if row.end_date < today() else 'Until'} {format_day(row.end_date)}"


def build_row(
    access: ProjectAccess, collaborator: Collaborator, list_url: str, mark: str = ""
) -> CollaboratorRow:
    """Returns the row of a collaborator, with the actions that the reader may take."""
    name, role = collaborator.user.name, ProjectRole(collaborator.role)
    is_external = collaborator.membership is None
    is_vouched = is_external and collaborator.is_vouched
    tone = "bad" if collaborator.has_ended else "warn" if collaborator.ends_soon else ""
    url = f"{list_url}{collaborator.public_id}/"
    may = may_change(access, collaborator)
    voucher = collaborator.vouched_by if is_vouched else None
    return CollaboratorRow(
        **describe_person(
            collaborator.user, collaborator.membership, emails=access.may.collaborator_emails_see
        ),
        url=build_person_url(access, collaborator.user),
        reference=collaborator.public_id,
        box_label=f"Select {name}",
        mark=mark,
        you="(you)" if access.principal.is_user(collaborator.user_id) else "",
        voucher=f"Vouched for by {voucher.name}" if voucher else "",
        warning="No one vouches" if is_external and not is_vouched else "",
        role=role.label,
        role_link=RoleLink(f"{url}role/", f"{role.label}, change the role of {name}")
        if may
        else None,
        end=format_end(collaborator),
        end_class=f"badge {tone}" if tone else "muted",
        added=Moment.of(collaborator.added_at),
        menu=build_menu(access, collaborator, url, may_change=may),
    )


def build_menu(
    access: ProjectAccess, collaborator: Collaborator, url: str, *, may_change: bool
) -> RowMenu | None:
    """Returns the actions on a collaborator; None if there are none, not even an email to copy."""
    user, links = collaborator.user, []
    if may_change:
        promotion = OTHER_ROLE[ProjectRole(collaborator.role)]
        links.append(MenuLink(promotion, "user-cog", f"{url}role/"))
    if may_set_end(access, collaborator):
        label = "Change end date" if collaborator.end_date else "Set end date"
        links.append(MenuLink(label, "clock", f"{url}end-date/"))
    if may_vouch(access, collaborator):
        links.append(MenuLink("Vouch for them", "shield-check", f"{url}vouch/"))
    emails = access.may.collaborator_emails_see
    if not links and not may_change and not emails:
        return None
    return RowMenu(
        label=f"Actions for {user.name}",
        links=tuple(links),
        copy=MenuCopy("Copy email", user.email) if emails else None,
        removal=MenuLink("Remove user", "user-minus", f"{url}remove/") if may_change else None,
    )


def may_vouch(access: ProjectAccess, collaborator: Collaborator) -> bool:
    """Returns whether the reader may vouch for an external collaborator in place of someone else."""
    return (
        collaborator.membership is None
        and access.may.externals_manage
        and not access.principal.is_user(collaborator.vouched_by_id)
    )
