"""Resolves a principal's role in an organization or project to its permissions."""

import functools
from dataclasses import dataclass

from accounts.permissions import (
    HIDDEN_FROM_VIEW_AS,
    READ_PERMISSIONS,
    ROLE_PERMISSIONS,
    Permission,
    Role,
)


@dataclass(frozen=True)
class Grant:
    """What a principal is allowed to do: its `permissions`, and those whose `pages` it can open.

    They differ only for support staff who view as a member: they can open that member's forms but not
    submit them.
    """

    permissions: frozenset[Permission]
    pages: frozenset[Permission]


def resolve(
    role: Role, *, unfrozen: frozenset[Permission] | None = None, viewed: bool = False
) -> Grant:
    """Returns what a principal with `role` is allowed to do now.

    `unfrozen` are the permissions that remain where changes are not possible; None where they are.
    `viewed` is true while support staff view as a member.
    """
    return build_grant(role, unfrozen, viewed)


@functools.cache
def build_grant(role: Role, unfrozen: frozenset[Permission] | None, viewed: bool) -> Grant:  # noqa: FBT001
    pages = ROLE_PERMISSIONS[role]
    if unfrozen is not None:
        pages &= READ_PERMISSIONS | unfrozen
    if viewed:
        pages -= HIDDEN_FROM_VIEW_AS
    return Grant(pages & READ_PERMISSIONS if viewed else pages, pages)
