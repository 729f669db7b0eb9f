"""The permission table for people: for the roles page and docs/permissions.md."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from accounts.permissions import PROJECT_PERMISSIONS, TABLE, Permission, Role

ORGANIZATION_ROLES = (Role.OWNER, Role.ADMIN, Role.MEMBER, Role.EXTERNAL, Role.ADMIN_KEY)
PROJECT_ROLES = (
    Role.PROJECT_ADMIN,
    Role.PROJECT_MEMBER,
    Role.EXTERNAL_ADMIN,
    Role.EXTERNAL_MEMBER,
)
RULES = (
    "An organization's Owner and Admins are Project Admins in all projects without being listed.",
    "Every member of the organization has access to its Default Project. No one is added or removed there.",
    "You cannot grant a role above your own, or manage someone with a role above yours.",
    "The Owner cannot be removed or demoted, and can only transfer the ownership.",
    "An admin API key acts like an Admin, except where a person has to act themselves.",
    "A service account acts like a person with its role in its project, but can't leave it.",
    "A service account that an external collaborator created counts as external forever.",
    "An external Project Admin can manage members in their project, but not other externals.",
)


@dataclass(frozen=True)
class MatrixRow:
    permission: str
    cells: list[bool]


@dataclass(frozen=True)
class Matrix:
    """A table with a column for each role and a row for each permission."""

    title: str
    roles: tuple[Role, ...]
    rows: list[MatrixRow]


def build_matrix() -> list[Matrix]:
    """Returns the tables of organizations and of projects."""
    return [
        build_table("In an organization", ORGANIZATION_ROLES, set(TABLE) - PROJECT_PERMISSIONS),
        build_table("In a project", PROJECT_ROLES, PROJECT_PERMISSIONS),
    ]


def build_table(
    title: str, roles: tuple[Role, ...], permissions: AbstractSet[Permission]
) -> Matrix:
    rows = [
        MatrixRow(str(permission), [role in TABLE[permission] for role in roles])
        for permission in TABLE
        if permission in permissions
    ]
    return Matrix(title, roles, rows)


def format_markdown() -> str:
    """Returns the content of docs/permissions.md."""
    parts = [
        "# Who may do what",
        "",
        "Made by `bin/manage permissions_doc` from the permission table in the code.",
    ]
    for matrix in build_matrix():
        parts += ["", f"## {matrix.title}", "", f"| | {' | '.join(matrix.roles)} |"]
        parts += ["|---" * (len(matrix.roles) + 1) + "|"]
        parts += [
            f"| {row.permission} | {' | '.join('✓' if cell else '–' for cell in row.cells)} |"
            for row in matrix.rows
        ]
    return "\n".join([*parts, "", *(f"- {rule}" for rule in RULES), ""])
