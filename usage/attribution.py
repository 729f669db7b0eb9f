"""Decides where usage is billed: one pure function, the five rules of the product in their order.

It knows only ids. usage/ingest/actors.py looks up whose they are.
"""

from typing import NamedTuple

from usage.enums import Reason
from usage.ids import OrganizationId, ProjectId


class Location(NamedTuple):
    """Where usage is billed: a project and its organization, by primary key."""

    organization: OrganizationId
    project: ProjectId


class AttributionInput(NamedTuple):
    """What the rules look at, apart from the product.

    `project` is the project of the key, or the project that the user's token or an import is for; None
    without a project. `default` is the Default Project of its organization or, without a project, of the
    organization of the session. `home` is the Default Project of the user's home organization, if the
    user is not a member of the project's organization.
    """

    default: Location
    project: Location | None = None
    by_key: bool = False
    in_session: bool = False
    home: Location | None = None


def attribute_usage(
    subject: AttributionInput, *, multi_project: bool, playground: bool
) -> tuple[Location, Reason]:
    """Returns where usage of a product is billed, and why.

    A session without a project, as in the playground, counts as playground usage of its organization.
    """
    if playground or (subject.in_session and subject.project is None):
        return subject.default, Reason.PLAYGROUND
    if subject.project is None:
        return subject.default, Reason.NO_PROJECT
    if multi_project:
        reason = Reason.KEY_PROJECT if subject.by_key else Reason.TOKEN_PROJECT
        return subject.project, reason
    if subject.home is not None and not subject.by_key:
        return subject.home, Reason.EXTERNAL_HOME
    return subject.default, Reason.PRODUCT_NOT_MULTI_PROJECT
