"""Where usage lands: one pure function, the five rules of the product in their order.

It knows ids only; whoever calls it has looked up whose they are (usage/ingest/actors.py).
"""

from typing import NamedTuple

from usage.enums import Reason


class Place(NamedTuple):
    """A project and the organization it is of, by primary key."""

    organization: int
    project: int


class Meant(NamedTuple):
    """Whom usage is meant for.

    `project` is that of the key, or the one that the user's token (or an import) is scoped to; None when
    there is none. `default` is the Default Project of its organization or, without a project, of the one
    that the session ran under. `home` is the Default Project of the home organization of a user who is no
    member of that organization, and None for everybody else.
    """

    default: Place
    project: Place | None = None
    by_key: bool = False
    in_session: bool = False
    home: Place | None = None


def attributed(meant: Meant, *, multi_project: bool, playground: bool) -> tuple[Place, Reason]:
    """The place that usage of a product is billed at, and why.

    `in_session` is a user without a project: a session without a key, as in the playground.
    """
    if playground or (meant.in_session and meant.project is None):
        return meant.default, Reason.PLAYGROUND
    if meant.project is None:
        return meant.default, Reason.NO_PROJECT
    if multi_project:
        return meant.project, Reason.KEY_PROJECT if meant.by_key else Reason.TOKEN_PROJECT
    if meant.home is not None and not meant.by_key:
        return meant.home, Reason.EXTERNAL_HOME
    return meant.default, Reason.PRODUCT_NOT_MULTI_PROJECT
