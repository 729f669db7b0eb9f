"""The permission table against the product's matrix, written out here once more and cell by cell."""

import itertools

import pytest

from accounts.permissions import (
    ADMIN_KEY_ROLE,
    SERVICE_ACCOUNT_ROLE,
    TABLE,
    OrganizationRole,
    Permission,
    ProjectRole,
    Role,
    allows,
    may_grant_role,
    may_manage_collaborator,
    project_role,
)

P = Permission
YES = "✓"

ORGANIZATION = ("Owner", "Admin", "Member", "External", "Admin API key")
# Owner Admin Member External Key
IN_AN_ORGANIZATION = {
    P.ORGANIZATION_SEE:             "✓ ✓ ✓ ✓ ✓",
    P.ORGANIZATION_SETTINGS_READ:   "✓ ✓ ✓ – ✓",
    P.ORGANIZATION_SETTINGS_CHANGE: "✓ ✓ – – ✓",
    P.PROJECTS_SEE:                 "✓ ✓ ✓ ✓ ✓",
    P.PROJECTS_SEE_ALL:             "✓ ✓ – – ✓",
    P.PROJECTS_CREATE:              "✓ ✓ – – ✓",
    P.MEMBERS_SEE:                  "✓ ✓ ✓ – ✓",
    P.INVITATIONS_SEE:              "✓ ✓ – – ✓",
    P.MEMBERS_MANAGE:               "✓ ✓ – – ✓",
    P.ORGANIZATION_LEAVE:           "✓ ✓ ✓ – –",
    P.PROJECT_ARCHIVE:              "✓ ✓ – – ✓",
    P.COST_ANALYTICS_SEE:           "✓ ✓ – – ✓",
    P.BUDGETS_SEE:                  "✓ ✓ – – ✓",
    P.BUDGETS_MANAGE:               "✓ ✓ – – ✓",
    P.AUDIT_SEE:                    "✓ ✓ – – ✓",
    P.ORGANIZATION_TRANSFER:        "✓ – – – –",
    P.ORGANIZATION_CLOSE:           "✓ – – – –",
    P.SUPPORT_REQUEST:              "✓ ✓ – – ✓",
    P.ORGANIZATION_KEYS_SEE:        "✓ ✓ – – ✓",
    P.ORGANIZATION_KEYS_REVOKE:     "✓ ✓ – – ✓",
    P.KEY_POLICY_CHANGE:            "✓ ✓ – – ✓",
    P.TERMINAL_LOGIN_CHANGE:        "✓ ✓ – – ✓",
    P.SIGN_IN_RULES_CHANGE:         "✓ ✓ – – –",
    P.ORGANIZATION_TOKENS_MAKE:     "✓ ✓ ✓ – –",
    P.ORGANIZATION_TOKENS_SEE:      "✓ ✓ – – ✓",
    P.ORGANIZATION_TOKENS_REVOKE:   "✓ ✓ – – ✓",
    P.ADMIN_KEYS_SEE:               "✓ ✓ – – ✓",
    P.ADMIN_KEYS_MANAGE:            "✓ ✓ – – ✓",
    P.DEFAULT_KEY_MANAGE:           "✓ – – – –",
}  # fmt: skip

PROJECT = (
    "Owner",
    "Admin",
    "Project Admin",
    "Project Member",
    "External Project Admin",
    "External Project Member",
    "Admin API key",
)
# Owner, Admin, Project Admin, Project Member, External Admin, External Member, key
IN_A_PROJECT = {
    P.PROJECT_SEE:             "✓ ✓ ✓ ✓ ✓ ✓ ✓",
    P.PROJECT_LEAVE:           "✓ ✓ ✓ ✓ ✓ ✓ –",
    P.PROJECT_SETTINGS_READ:   "✓ ✓ ✓ ✓ ✓ ✓ ✓",
    P.PROJECT_SETTINGS_CHANGE: "✓ ✓ ✓ – ✓ – ✓",
    P.COLLABORATORS_SEE:       "✓ ✓ ✓ ✓ ✓ ✓ ✓",
    P.COLLABORATOR_EMAILS_SEE: "✓ ✓ ✓ ✓ ✓ – ✓",
    P.COLLABORATORS_MANAGE:    "✓ ✓ ✓ – ✓ – ✓",
    P.EXTERNALS_MANAGE:        "✓ ✓ ✓ – – – ✓",
    P.API_KEYS_SEE:            "✓ ✓ ✓ ✓ ✓ ✓ ✓",
    P.API_KEYS_MANAGE:         "✓ ✓ ✓ ✓ ✓ ✓ ✓",
    P.API_KEYS_ISSUE_ALWAYS:   "✓ ✓ ✓ – ✓ – ✓",
    P.PROJECT_TOKENS_MAKE:     "✓ ✓ ✓ ✓ ✓ ✓ –",
    P.SERVICE_ACCOUNTS_SEE:    "✓ ✓ ✓ ✓ ✓ ✓ ✓",
    P.SERVICE_ACCOUNTS_MANAGE: "✓ ✓ ✓ – ✓ – ✓",
    P.USAGE_SEE:               "✓ ✓ ✓ ✓ – – ✓",
    P.PROJECT_BUDGETS_SEE:     "✓ ✓ ✓ ✓ – – ✓",
    P.PROJECT_BUDGETS_MANAGE:  "✓ ✓ ✓ – – – ✓",
    P.PROJECT_LIMITS_SEE:      "✓ ✓ ✓ ✓ – – ✓",
    P.PROJECT_LIMITS_MANAGE:   "✓ ✓ ✓ – – – ✓",
}  # fmt: skip


def cells(
    matrix: dict[Permission, str], roles: tuple[str, ...]
) -> list[tuple[str, Permission, bool]]:
    return [
        (role, permission, cell == YES)
        for permission, row in matrix.items()
        for role, cell in zip(roles, row.split(), strict=True)
    ]


@pytest.mark.parametrize(
    ("role", "permission", "allowed"),
    cells(IN_AN_ORGANIZATION, ORGANIZATION) + cells(IN_A_PROJECT, PROJECT),
)
def test_each_role_may_do_what_the_product_says(
    role: str, permission: Permission, allowed: bool
) -> None:
    assert allows(Role(role), permission) is allowed


def test_no_permission_and_no_role_is_left_out() -> None:
    assert set(IN_AN_ORGANIZATION) | set(IN_A_PROJECT) == set(Permission) == set(TABLE)
    assert set(ORGANIZATION) | set(PROJECT) == {str(role) for role in Role}


@pytest.mark.parametrize("permission", IN_A_PROJECT)
def test_a_role_in_an_organization_reveals_no_projects_the_person_is_not_in(
    permission: Permission,
) -> None:
    assert not allows(Role.MEMBER, permission)
    assert not allows(Role.EXTERNAL, permission)


# Organization role, row's role, Default Project → what the person is.
STANDING: list[tuple[str | None, str | None, bool, str | None]] = [
    ("owner", None, False, "Owner"),
    ("owner", "member", False, "Owner"),
    ("owner", "admin", False, "Owner"),
    ("owner", None, True, "Owner"),
    ("admin", None, False, "Admin"),
    ("admin", "member", False, "Admin"),
    ("admin", "admin", False, "Admin"),
    ("admin", None, True, "Admin"),
    ("member", None, False, None),
    ("member", "member", False, "Project Member"),
    ("member", "admin", False, "Project Admin"),
    ("member", None, True, "Project Member"),
    ("admin_key", None, False, "Admin API key"),
    ("admin_key", None, True, "Admin API key"),
    ("service_account", "member", False, "Project Member"),
    ("service_account", "admin", False, "Project Admin"),
    ("service_account", "member", True, "Project Member"),
    ("service_account", "admin", True, "Project Admin"),
    (None, None, False, None),
    (None, None, True, None),
    (None, "member", False, "External Project Member"),
    (None, "admin", False, "External Project Admin"),
]


@pytest.mark.parametrize(("membership", "row", "is_default", "standing"), STANDING)
def test_what_someone_is_in_a_project_follows_from_membership_and_row(
    membership: str | None, row: str | None, is_default: bool, standing: str | None
) -> None:
    found = project_role(membership, row, is_default=is_default)
    assert (str(found) if found else None) == standing


def test_every_combination_that_the_database_allows_is_among_those() -> None:
    memberships = [None, ADMIN_KEY_ROLE, *OrganizationRole.values]
    possible = {
        (one, row, False)
        for one, row in itertools.product(memberships, [None, *ProjectRole.values])
        if one != ADMIN_KEY_ROLE or row is None  # a key is in no row
    }
    possible |= {(one, None, True) for one in memberships}  # the Default Project has no rows
    possible |= {
        (SERVICE_ACCOUNT_ROLE, role, default)  # one without a role opens nothing
        for role, default in itertools.product(ProjectRole.values, [True, False])
    }
    assert {standing[:3] for standing in STANDING} == possible


# Row acts on column; s: on themselves alone. See the product: nobody on somebody above them, equals
# on equals, externals never on other externals.
REACH = {
    "Owner":                   "✓ ✓ ✓ ✓ ✓ ✓",
    "Admin":                   "– ✓ ✓ ✓ ✓ ✓",
    "Project Admin":           "– – ✓ ✓ ✓ ✓",
    "Project Member":          "– – – – – –",
    "External Project Admin":  "– – ✓ ✓ s –",
    "External Project Member": "– – – – – –",
    "Admin API key":           "– ✓ ✓ ✓ ✓ ✓",
}  # fmt: skip
PEOPLE = PROJECT[:-1]


@pytest.mark.parametrize("actor", PROJECT)
@pytest.mark.parametrize("target", PEOPLE)
def test_who_reaches_whom(actor: str, target: str) -> None:
    cell = REACH[actor].split()[PEOPLE.index(target)]
    assert may_manage_collaborator(Role(actor), Role(target), is_self=False) is (cell == YES)
    if actor == target:
        assert may_manage_collaborator(Role(actor), Role(actor), is_self=True) is (
            cell in (YES, "s")
        )


@pytest.mark.parametrize("new_role", ProjectRole)
@pytest.mark.parametrize("actor", PROJECT)
def test_only_admins_of_a_project_give_roles_in_it(actor: str, new_role: ProjectRole) -> None:
    assert may_grant_role(Role(actor), new_role) is (
        actor not in ("Project Member", "External Project Member")
    )
