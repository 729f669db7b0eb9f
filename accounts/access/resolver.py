"""The one place that turns what a principal is somewhere into what it may do there."""

import functools
from dataclasses import dataclass

from accounts.permissions import HIDDEN_FROM_VIEW_AS, READ_PERMISSIONS, Permission, Role, allows


@dataclass(frozen=True)
class Grant:
    """What a principal may do somewhere: `permissions`, and of what it is `shown` the page.

    The two differ only for support staff who view as a member: they read that person's forms and send none.
    """

    permissions: frozenset[Permission]
    shown: frozenset[Permission]


def resolve(
    role: Role, *, unfrozen: frozenset[Permission] | None = None, viewed: bool = False
) -> Grant:
    """The one resolver: from what a principal is somewhere to what it may do there now.

    `unfrozen` is what may be done although nothing may be changed there; None where nothing is frozen.
    `viewed`: support staff view as a member.
    """
    return build_grant(role, unfrozen, viewed)


@functools.cache
def build_grant(role: Role, unfrozen: frozenset[Permission] | None, viewed: bool) -> Grant:  # noqa: FBT001
    shown = frozenset(permission for permission in Permission if allows(role, permission))
    if unfrozen is not None:
        shown &= READ_PERMISSIONS | unfrozen
    if viewed:
        shown -= HIDDEN_FROM_VIEW_AS
    return Grant(shown & READ_PERMISSIONS if viewed else shown, shown)
