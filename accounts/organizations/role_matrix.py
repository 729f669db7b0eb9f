"""The permission table as people read it: drawn for the roles page and docs/permissions.md."""

from dataclasses import dataclass

from accounts.permissions import TABLE, Permission, Role

ORGANIZATION_ROLES = (Role.OWNER, Role.ADMIN, Role.MEMBER, Role.EXTERNAL)
PROJECT_ROLES = (
    Role.PROJECT_ADMIN,
    Role.PROJECT_MEMBER,
    Role.EXTERNAL_ADMIN,
    Role.EXTERNAL_MEMBER,
)
RULES = (
    "An organization's Owner and Admins are Project Admins everywhere without being listed.",
    "Every member of the organization is in its Default Project; nobody is added or removed there.",
    "Nobody can give a role above their own, or act on somebody above them; equals may.",
    "The Owner cannot be removed or demoted, only hand the ownership over.",
    "An external Project Admin manages members in their project, never other externals.",
)


@dataclass(frozen=True)
class MatrixRow:
    permission: str
    cells: list[bool]


@dataclass(frozen=True)
class Matrix:
    """One table: a column a role, a row a permission that any of these roles can have."""

    title: str
    roles: tuple[Role, ...]
    rows: list[MatrixRow]


def build_matrix() -> list[Matrix]:
    """The organization's table and the project's."""
    in_projects = {
        permission for permission, roles in TABLE.items() if roles & {Role.PROJECT_ADMIN}
    }
    return [
        build_table("In an organization", ORGANIZATION_ROLES, set(TABLE) - in_projects),
        build_table("In a project", PROJECT_ROLES, in_projects),
    ]


def build_table(title: str, roles: tuple[Role, ...], permissions: set[Permission]) -> Matrix:
    rows = [
        MatrixRow(str(permission), [role in TABLE[permission] for role in roles])
        for permission in TABLE
        if permission in permissions
    ]
    return Matrix(title, roles, rows)


def format_markdown() -> str:
    """docs/permissions.md, whole."""
    parts = [
        "# Who may do what",
        "",
        "Made by `bin/manage permissions_doc` from the code's one table.",
    ]
    for one in build_matrix():
        parts += ["", f"## {one.title}", "", f"| | {' | '.join(one.roles)} |"]
        parts += ["|---" * (len(one.roles) + 1) + "|"]
        parts += [
            f"| {row.permission} | {' | '.join('✓' if cell else '–' for cell in row.cells)} |"
            for row in one.rows
        ]
    return "\n".join([*parts, "", *(f"- {rule}" for rule in RULES), ""])
