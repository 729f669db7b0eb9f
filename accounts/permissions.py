"""The one permission table: roles, permissions, and which role may do what.

The role matrix page, docs/permissions.md and every door draw from `TABLE`; no role is compared
anywhere else. Source of the rules: the product's "Who may do what".
"""

from enum import IntEnum, StrEnum

from django.db.models import TextChoices


class OrganizationRole(TextChoices):
    """The role a membership carries."""

    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    MEMBER = "member", "Member"


class ProjectRole(TextChoices):
    """The role a collaborator row carries."""

    ADMIN = "admin", "Admin"
    MEMBER = "member", "Member"


class Role(StrEnum):
    """What somebody is at a door: the columns of the table."""

    OWNER = "Owner"
    ADMIN = "Admin"
    MEMBER = "Member"
    EXTERNAL = "External"
    PROJECT_ADMIN = "Project Admin"
    PROJECT_MEMBER = "Project Member"
    EXTERNAL_ADMIN = "External Project Admin"
    EXTERNAL_MEMBER = "External Project Member"


class Permission(StrEnum):
    """One thing somebody may do; the value is how the role matrix words it."""

    ORGANIZATION_SEE = "See the organization's name"
    ORGANIZATION_SETTINGS_READ = "Read the organization's settings"
    ORGANIZATION_SETTINGS_CHANGE = "Change the organization's settings"
    PROJECTS_SEE = "See the projects they can open"
    PROJECTS_SEE_ALL = "See all projects"
    PROJECTS_CREATE = "Create projects, within the limit"
    MEMBERS_SEE = "See members"
    MEMBERS_INVITE = "Invite members, see pending invitations"
    SUPPORT_REQUEST = "Ask support for more projects or external collaborators"

    PROJECT_SEE = "Open the project"
    PROJECT_LEAVE = "Leave the project"
    PROJECT_SETTINGS_READ = "Read the project's settings"
    PROJECT_SETTINGS_CHANGE = "Change the project's settings"
    COLLABORATORS_SEE = "See collaborators"
    COLLABORATOR_EMAILS_SEE = "See collaborators' email addresses"
    COLLABORATORS_MANAGE = "Add and remove collaborators, change their roles"
    EXTERNALS_MANAGE = "Invite, remove and change external collaborators"


OW, A, M, X = Role.OWNER, Role.ADMIN, Role.MEMBER, Role.EXTERNAL
PA, PM, XA, XM = (
    Role.PROJECT_ADMIN,
    Role.PROJECT_MEMBER,
    Role.EXTERNAL_ADMIN,
    Role.EXTERNAL_MEMBER,
)
# Owner and Admins are Project Admins everywhere without being listed as collaborators.
EVERY_PROJECT_ADMIN = frozenset({OW, A, PA})

TABLE: dict[Permission, frozenset[Role]] = {
    Permission.ORGANIZATION_SEE: frozenset({OW, A, M, X}),
    Permission.ORGANIZATION_SETTINGS_READ: frozenset({OW, A, M}),
    Permission.ORGANIZATION_SETTINGS_CHANGE: frozenset({OW, A}),
    Permission.PROJECTS_SEE: frozenset({OW, A, M, X}),
    Permission.PROJECTS_SEE_ALL: frozenset({OW, A}),
    Permission.PROJECTS_CREATE: frozenset({OW, A}),
    Permission.MEMBERS_SEE: frozenset({OW, A, M}),
    Permission.MEMBERS_INVITE: frozenset({OW, A}),
    Permission.SUPPORT_REQUEST: frozenset({OW, A}),
    Permission.PROJECT_SEE: EVERY_PROJECT_ADMIN | {PM, XA, XM},
    Permission.PROJECT_LEAVE: EVERY_PROJECT_ADMIN | {PM, XA, XM},
    Permission.PROJECT_SETTINGS_READ: EVERY_PROJECT_ADMIN | {PM, XA, XM},
    Permission.PROJECT_SETTINGS_CHANGE: EVERY_PROJECT_ADMIN | {XA},
    Permission.COLLABORATORS_SEE: EVERY_PROJECT_ADMIN | {PM, XA, XM},
    Permission.COLLABORATOR_EMAILS_SEE: EVERY_PROJECT_ADMIN | {PM, XA},
    Permission.COLLABORATORS_MANAGE: EVERY_PROJECT_ADMIN | {XA},
    Permission.EXTERNALS_MANAGE: EVERY_PROJECT_ADMIN,
}


class Rank(IntEnum):
    """How high somebody stands inside a project; nobody acts on a higher one."""

    MEMBER = 1
    PROJECT_ADMIN = 2
    ORGANIZATION_ADMIN = 3
    OWNER = 4


RANKS: dict[Role, Rank] = {
    OW: Rank.OWNER,
    A: Rank.ORGANIZATION_ADMIN,
    PA: Rank.PROJECT_ADMIN,
    XA: Rank.PROJECT_ADMIN,
    PM: Rank.MEMBER,
    XM: Rank.MEMBER,
}
EXTERNAL_ROLES = frozenset({X, XA, XM})
GIVEN_RANK: dict[ProjectRole, Rank] = {
    ProjectRole.ADMIN: Rank.PROJECT_ADMIN,
    ProjectRole.MEMBER: Rank.MEMBER,
}


def allows(role: Role, permission: Permission) -> bool:
    """Whether `role` has `permission`."""
    return role in TABLE[permission]


def project_role(
    organization_role: str | None, collaborator_role: str | None, *, is_default: bool
) -> Role | None:
    """What somebody is in a project, or None when they are not in it.

    `organization_role` and `collaborator_role` are the stored values of their membership in the
    parent organization and of their row in the project; None where there is none.
    """
    if organization_role == OrganizationRole.OWNER:
        return Role.OWNER
    if organization_role == OrganizationRole.ADMIN:
        return Role.ADMIN
    if organization_role and is_default:
        return Role.PROJECT_MEMBER
    if collaborator_role is None:
        return None
    is_admin = collaborator_role == ProjectRole.ADMIN
    if organization_role:
        return Role.PROJECT_ADMIN if is_admin else Role.PROJECT_MEMBER
    return Role.EXTERNAL_ADMIN if is_admin else Role.EXTERNAL_MEMBER


def organization_side(role: Role) -> Role:
    """What somebody with `role` in a project is in its organization."""
    if role in (Role.PROJECT_ADMIN, Role.PROJECT_MEMBER):
        return Role.MEMBER
    if role in (Role.EXTERNAL_ADMIN, Role.EXTERNAL_MEMBER):
        return Role.EXTERNAL
    return role


def may_act_on(actor: Role, target: Role, *, oneself: bool) -> bool:
    """Whether `actor` may remove `target` from a project or change their role there.

    Equals may act on equals, nobody on somebody above them, and an external never on another
    external.
    """
    if not allows(actor, Permission.COLLABORATORS_MANAGE) or RANKS[actor] < RANKS[target]:
        return False
    if target in EXTERNAL_ROLES and not oneself:
        return allows(actor, Permission.EXTERNALS_MANAGE)
    return True


def may_give(actor: Role, new_role: ProjectRole) -> bool:
    """Whether `actor` may give `new_role`: nobody can give a role above their own."""
    return allows(actor, Permission.COLLABORATORS_MANAGE) and RANKS[actor] >= GIVEN_RANK[new_role]
