"""The permission table: roles, permissions, and which role has which permissions.

The role matrix page, docs/permissions.md and all access checks draw from `TABLE`; no other code
compares roles. Source of the rules: the product's "Who may do what".
"""

from enum import IntEnum, StrEnum

from django.db.models import TextChoices


class OrganizationRole(TextChoices):
    """The role of a membership."""

    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    MEMBER = "member", "Member"


class ProjectRole(TextChoices):
    """The role of a collaborator."""

    ADMIN = "admin", "Admin"
    MEMBER = "member", "Member"


class Role(StrEnum):
    """What a principal is in an organization or project: the columns of the table."""

    OWNER = "Owner"
    ADMIN = "Admin"
    MEMBER = "Member"
    EXTERNAL = "External"
    ADMIN_KEY = "Admin API key"
    PROJECT_ADMIN = "Project Admin"
    PROJECT_MEMBER = "Project Member"
    EXTERNAL_ADMIN = "External Project Admin"
    EXTERNAL_MEMBER = "External Project Member"


class Permission(StrEnum):
    """A permission; its value is the text in the role matrix."""

    ORGANIZATION_SEE = "See the organization's name"
    ORGANIZATION_SETTINGS_READ = "Read the organization's settings"
    ORGANIZATION_SETTINGS_CHANGE = "Change the organization's settings"
    PROJECTS_SEE = "See the projects they can open"
    PROJECTS_SEE_ALL = "See all projects"
    PROJECTS_CREATE = "Create projects, within the limit"
    PROJECT_ARCHIVE = "Archive and unarchive projects"
    MEMBERS_SEE = "See members"
    INVITATIONS_SEE = "See pending invitations to the organization"
    MEMBERS_MANAGE = "Invite and remove members, change their roles"
    ORGANIZATION_LEAVE = "Leave the organization"
    COST_ANALYTICS_SEE = "See the organization's cost analytics"
    BUDGETS_SEE = "See the organization's budgets and those of its people"
    BUDGETS_MANAGE = "Create, change and delete the organization's budgets and those of its people"
    AUDIT_SEE = "Read and export the audit log"
    ORGANIZATION_TRANSFER = "Offer the ownership to another member"
    ORGANIZATION_CLOSE = "Close the organization"
    SUPPORT_REQUEST = "Ask support for more projects or external collaborators"
    ORGANIZATION_KEYS_SEE = "See the API keys of all projects"
    ORGANIZATION_KEYS_REVOKE = "Revoke API keys of several projects at once"
    KEY_POLICY_CHANGE = "Change the organization's key policy"
    TERMINAL_LOGIN_CHANGE = "Turn terminal login on and off"
    SIGN_IN_RULES_CHANGE = "Require a second factor of members or external collaborators"
    ORGANIZATION_TOKENS_MAKE = "Create their own access tokens for the organization"
    ORGANIZATION_TOKENS_SEE = "See all access tokens for the organization and its projects"
    ORGANIZATION_TOKENS_REVOKE = "Revoke any access token for the organization or a project"
    ADMIN_KEYS_SEE = "See admin API keys"
    ADMIN_KEYS_MANAGE = "Create and revoke admin API keys"
    DEFAULT_KEY_MANAGE = "Reveal and regenerate the Organization Default Key"

    PROJECT_SEE = "Open the project"
    PROJECT_LEAVE = "Leave the project"
    PROJECT_SETTINGS_READ = "Read the project's settings"
    PROJECT_SETTINGS_CHANGE = "Change the project's settings"
    COLLABORATORS_SEE = "See collaborators"
    COLLABORATOR_EMAILS_SEE = "See collaborators' email addresses"
    COLLABORATORS_MANAGE = "Add and remove collaborators, change their roles"
    EXTERNALS_MANAGE = "Invite, remove and change external collaborators"
    API_KEYS_SEE = "See API keys"
    API_KEYS_MANAGE = "Create, rotate and revoke API keys"
    API_KEYS_ISSUE_ALWAYS = "Create and rotate API keys where the key policy limits that to admins"
    PROJECT_TOKENS_MAKE = "Create their own access tokens for the project"
    SERVICE_ACCOUNTS_SEE = "See service accounts"
    SERVICE_ACCOUNTS_MANAGE = "Create and remove service accounts, change their roles and tokens"
    USAGE_SEE = "See the project's usage"
    PROJECT_BUDGETS_SEE = "See the budgets of the project and of its API keys"
    PROJECT_BUDGETS_MANAGE = "Create, change and delete budgets of the project and of its API keys"
    PROJECT_LIMITS_SEE = "See the limits of the project and of its API keys"
    PROJECT_LIMITS_MANAGE = "Change the limits of the project and of its API keys"


OW, A, M, X, K = Role.OWNER, Role.ADMIN, Role.MEMBER, Role.EXTERNAL, Role.ADMIN_KEY
PA, PM = Role.PROJECT_ADMIN, Role.PROJECT_MEMBER
XA, XM = Role.EXTERNAL_ADMIN, Role.EXTERNAL_MEMBER
# Owner, Admins and admin API keys are Project Admins everywhere without being listed as collaborators.
EVERY_PROJECT_ADMIN = frozenset({OW, A, K, PA})
PEOPLE_WITH_EVERY_PROJECT = EVERY_PROJECT_ADMIN - {K}

TABLE: dict[Permission, frozenset[Role]] = {
    Permission.ORGANIZATION_SEE: frozenset({OW, A, M, X, K}),
    Permission.ORGANIZATION_SETTINGS_READ: frozenset({OW, A, M, K}),
    Permission.ORGANIZATION_SETTINGS_CHANGE: frozenset({OW, A, K}),
    Permission.PROJECTS_SEE: frozenset({OW, A, M, X, K}),
    Permission.PROJECTS_SEE_ALL: frozenset({OW, A, K}),
    Permission.PROJECTS_CREATE: frozenset({OW, A, K}),
    Permission.PROJECT_ARCHIVE: frozenset({OW, A, K}),
    Permission.MEMBERS_SEE: frozenset({OW, A, M, K}),
    Permission.INVITATIONS_SEE: frozenset({OW, A, K}),
    Permission.MEMBERS_MANAGE: frozenset({OW, A, K}),
    Permission.ORGANIZATION_LEAVE: frozenset({OW, A, M}),
    Permission.COST_ANALYTICS_SEE: frozenset({OW, A, K}),
    Permission.BUDGETS_SEE: frozenset({OW, A, K}),
    Permission.BUDGETS_MANAGE: frozenset({OW, A, K}),
    Permission.AUDIT_SEE: frozenset({OW, A, K}),
    Permission.ORGANIZATION_TRANSFER: frozenset({OW}),
    Permission.ORGANIZATION_CLOSE: frozenset({OW}),
    Permission.SUPPORT_REQUEST: frozenset({OW, A, K}),
    Permission.ORGANIZATION_KEYS_SEE: frozenset({OW, A, K}),
    Permission.ORGANIZATION_KEYS_REVOKE: frozenset({OW, A, K}),
    Permission.KEY_POLICY_CHANGE: frozenset({OW, A, K}),
    Permission.TERMINAL_LOGIN_CHANGE: frozenset({OW, A, K}),
    Permission.SIGN_IN_RULES_CHANGE: frozenset({OW, A}),
    Permission.ORGANIZATION_TOKENS_MAKE: frozenset({OW, A, M}),
    Permission.ORGANIZATION_TOKENS_SEE: frozenset({OW, A, K}),
    Permission.ORGANIZATION_TOKENS_REVOKE: frozenset({OW, A, K}),
    Permission.ADMIN_KEYS_SEE: frozenset({OW, A, K}),
    Permission.ADMIN_KEYS_MANAGE: frozenset({OW, A, K}),
    Permission.DEFAULT_KEY_MANAGE: frozenset({OW}),
    Permission.PROJECT_SEE: EVERY_PROJECT_ADMIN | {PM, XA, XM},
    Permission.PROJECT_LEAVE: PEOPLE_WITH_EVERY_PROJECT | {PM, XA, XM},
    Permission.PROJECT_SETTINGS_READ: EVERY_PROJECT_ADMIN | {PM, XA, XM},
    Permission.PROJECT_SETTINGS_CHANGE: EVERY_PROJECT_ADMIN | {XA},
    Permission.COLLABORATORS_SEE: EVERY_PROJECT_ADMIN | {PM, XA, XM},
    Permission.COLLABORATOR_EMAILS_SEE: EVERY_PROJECT_ADMIN | {PM, XA},
    Permission.COLLABORATORS_MANAGE: EVERY_PROJECT_ADMIN | {XA},
    Permission.EXTERNALS_MANAGE: EVERY_PROJECT_ADMIN,
    Permission.API_KEYS_SEE: EVERY_PROJECT_ADMIN | {PM, XA, XM},
    # Members can create and revoke keys. That is deliberate.
    Permission.API_KEYS_MANAGE: EVERY_PROJECT_ADMIN | {PM, XA, XM},
    Permission.API_KEYS_ISSUE_ALWAYS: EVERY_PROJECT_ADMIN | {XA},
    Permission.PROJECT_TOKENS_MAKE: PEOPLE_WITH_EVERY_PROJECT | {PM, XA, XM},
    Permission.SERVICE_ACCOUNTS_SEE: EVERY_PROJECT_ADMIN | {PM, XA, XM},
    Permission.SERVICE_ACCOUNTS_MANAGE: EVERY_PROJECT_ADMIN | {XA},
    Permission.USAGE_SEE: EVERY_PROJECT_ADMIN | {PM},
    Permission.PROJECT_BUDGETS_SEE: EVERY_PROJECT_ADMIN | {PM},
    # An external never lifts a stop that an Admin has set.
    Permission.PROJECT_BUDGETS_MANAGE: EVERY_PROJECT_ADMIN,
    Permission.PROJECT_LIMITS_SEE: EVERY_PROJECT_ADMIN | {PM},
    Permission.PROJECT_LIMITS_MANAGE: EVERY_PROJECT_ADMIN,
}

# The permissions that remain where nothing can be changed: in an archived project, in a suspended or
# closed organization, and for support staff who view as a member.
READ_PERMISSIONS = frozenset(
    permission
    for permission in Permission
    if permission.name.endswith(("_SEE", "_SEE_ALL", "_READ"))
)
# Hidden from support staff who view as a member, because the page shows a secret.
HIDDEN_FROM_VIEW_AS = frozenset({Permission.DEFAULT_KEY_MANAGE})
# Leaving is always possible.
LEAVE_PERMISSIONS = frozenset({Permission.ORGANIZATION_LEAVE, Permission.PROJECT_LEAVE})


class Rank(IntEnum):
    """The order of roles: a user cannot manage anyone of a higher rank."""

    MEMBER = 1
    PROJECT_ADMIN = 2
    ORGANIZATION_ADMIN = 3
    OWNER = 4


RANKS: dict[Role, Rank] = {
    OW: Rank.OWNER,
    A: Rank.ORGANIZATION_ADMIN,
    K: Rank.ORGANIZATION_ADMIN,
    M: Rank.MEMBER,
    PA: Rank.PROJECT_ADMIN,
    XA: Rank.PROJECT_ADMIN,
    PM: Rank.MEMBER,
    XM: Rank.MEMBER,
}
EXTERNAL_ROLES = frozenset({X, XA, XM})
PROJECT_ROLE_RANKS = {ProjectRole.ADMIN: Rank.PROJECT_ADMIN, ProjectRole.MEMBER: Rank.MEMBER}
# Stands where the stored role of a membership does, for an admin key.
ADMIN_KEY_ROLE = "admin_key"
# The same for a service account that counts as internal, beside its role in its project.
SERVICE_ACCOUNT_ROLE = "service_account"
# The role in the table of a membership's stored role.
MEMBER_ROLES: dict[str, Role] = {
    OrganizationRole.OWNER: OW,
    OrganizationRole.ADMIN: A,
    OrganizationRole.MEMBER: M,
    ADMIN_KEY_ROLE: K,
}
# Ownership cannot be granted: it is offered and accepted.
GRANTABLE_ORGANIZATION_ROLES = (OrganizationRole.ADMIN, OrganizationRole.MEMBER)

# Permissions in a project; the others are in the organization.
PROJECT_PERMISSIONS = frozenset(
    permission for permission, roles in TABLE.items() if Role.PROJECT_ADMIN in roles
)
# The same table by role.
ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    role: frozenset(permission for permission, roles in TABLE.items() if role in roles)
    for role in Role
}


def allows(role: Role, permission: Permission) -> bool:
    """Returns whether `role` has `permission`."""
    return role in TABLE[permission]


def project_role(
    organization_role: str | None, collaborator_role: str | None, *, is_default: bool
) -> Role | None:
    """Returns a principal's role in a project, or None if it has no access to it.

    `organization_role` and `collaborator_role` are the stored values of their membership in the
    parent organization and of their row in the project; None if there is no such row.
    """
    if organization_role in MEMBER_ROLES and organization_role != OrganizationRole.MEMBER:
        return MEMBER_ROLES[organization_role]
    if organization_role == OrganizationRole.MEMBER and is_default:
        return Role.PROJECT_MEMBER
    if collaborator_role is None:
        return None
    is_admin = collaborator_role == ProjectRole.ADMIN
    if organization_role:
        return Role.PROJECT_ADMIN if is_admin else Role.PROJECT_MEMBER
    return Role.EXTERNAL_ADMIN if is_admin else Role.EXTERNAL_MEMBER


def to_organization_role(role: Role) -> Role:
    """Returns the role in the organization of a user with `role` in one of its projects."""
    if role in (Role.PROJECT_ADMIN, Role.PROJECT_MEMBER):
        return Role.MEMBER
    if role in (Role.EXTERNAL_ADMIN, Role.EXTERNAL_MEMBER):
        return Role.EXTERNAL
    return role


def may_manage_collaborator(actor: Role, target: Role, *, is_self: bool) -> bool:
    """Returns whether `actor` may remove `target` from a project or change their role there.

    Users can manage those of their own rank and below. An external cannot manage other externals.
    """
    if not allows(actor, Permission.COLLABORATORS_MANAGE) or RANKS[actor] < RANKS[target]:
        return False
    if target in EXTERNAL_ROLES and not is_self:
        return allows(actor, Permission.EXTERNALS_MANAGE)
    return True


def may_manage_member(actor: Role, target: Role) -> bool:
    """Returns whether `actor` may remove `target` from the organization or change their role in it.

    The Owner cannot be removed or demoted: the role only changes hands by an accepted offer.
    """
    if not allows(actor, Permission.MEMBERS_MANAGE) or target == Role.OWNER:
        return False
    return RANKS[actor] >= RANKS[target]


def may_leave_organization(role: Role) -> bool:
    """Returns whether a user with `role` can leave; the Owner has to transfer the ownership first."""
    return allows(role, Permission.ORGANIZATION_LEAVE) and role != Role.OWNER


def may_become_owner(role: Role) -> bool:
    """Returns whether ownership can be offered to a user with `role`: any member but the Owner."""
    return role in (Role.ADMIN, Role.MEMBER)


def may_grant_organization_role(actor: Role, new_role: OrganizationRole) -> bool:
    """Returns whether `actor` may grant `new_role` in the organization."""
    if new_role not in GRANTABLE_ORGANIZATION_ROLES:
        return False
    return (
        allows(actor, Permission.MEMBERS_MANAGE) and RANKS[actor] >= RANKS[MEMBER_ROLES[new_role]]
    )


def may_grant_role(actor: Role, new_role: ProjectRole) -> bool:
    """Returns whether `actor` may grant `new_role`: no one can grant a role above their own."""
    return (
        allows(actor, Permission.COLLABORATORS_MANAGE)
        and RANKS[actor] >= PROJECT_ROLE_RANKS[new_role]
    )
