"""Resolves a principal's role in an organization or project to its permissions."""

import functools
from dataclasses import dataclass

from accounts.permissions import (
    HIDDEN_FROM_VIEW_AS,
    PROJECT_PERMISSIONS,
    READ_PERMISSIONS,
    ROLE_PERMISSIONS,
    Permission,
    Role,
)

# What only people do in a project: leave it, and create tokens of their own.
PEOPLE_ONLY = PROJECT_PERMISSIONS - ROLE_PERMISSIONS[Role.ADMIN_KEY]


@dataclass(frozen=True)
class Grant:
    """What a principal is allowed to do: its `permissions`, and those whose `pages` it can open.

    They differ only for support staff who view as a member: they can open that member's forms but not
    submit them.
    """

    permissions: frozenset[Permission]
    pages: frozenset[Permission]


def resolve(
    role: Role,
    *,
    unfrozen: frozenset[Permission] | None = None,
    viewed: bool = False,
    program: bool = False,
) -> Grant:
    """Returns what a principal with `role` is allowed to do now.

    `unfrozen` are the permissions that remain where changes are not possible; None where they are.
    `viewed` is true while support staff view as a member, `program` for a service account.
    """
    withheld = HIDDEN_FROM_VIEW_AS if viewed else frozenset[Permission]()
    return build_grant(role, unfrozen, withheld | PEOPLE_ONLY if program else withheld, viewed)


@functools.cache
def build_grant(
    role: Role,
    unfrozen: frozenset[Permission] | None,
    withheld: frozenset[Permission],
    viewed: bool,  # noqa: FBT001
) -> Grant:
    pages = ROLE_PERMISSIONS[role] - withheld
    if unfrozen is not None:
        pages &= READ_PERMISSIONS | unfrozen
    return Grant(pages & READ_PERMISSIONS if viewed else pages, pages)
