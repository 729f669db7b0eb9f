"""The five rules, each combination of what they look at once: written from the product's page."""

from itertools import product

import pytest

from usage.attribution import AttributionInput, Location, attribute_usage
from usage.enums import Reason

DEFAULT, PROJECT, HOME = Location(1, 10), Location(1, 11), Location(2, 20)


def expected(
    *, key: bool, session: bool, project: bool, home: bool, multi: bool, playground: bool
) -> tuple[Location, Reason]:
    """The rules in the product's words, one after the other."""
    if playground or (session and not project):
        return DEFAULT, Reason.PLAYGROUND
    if not project:
        return DEFAULT, Reason.NO_PROJECT
    if multi:
        return PROJECT, Reason.KEY_PROJECT if key else Reason.TOKEN_PROJECT
    if home and not key:
        return HOME, Reason.EXTERNAL_HOME
    return DEFAULT, Reason.PRODUCT_NOT_MULTI_PROJECT


@pytest.mark.parametrize(
    ("key", "session", "project", "home", "multi", "playground"),
    list(product([False, True], repeat=6)),
)
def test_usage_lands_by_the_five_rules(
    key: bool, session: bool, project: bool, home: bool, multi: bool, playground: bool
) -> None:
    subject = AttributionInput(
        DEFAULT, PROJECT if project else None, key, session, HOME if home else None
    )
    assert attribute_usage(subject, multi_project=multi, playground=playground) == expected(
        key=key, session=session, project=project, home=home, multi=multi, playground=playground
    )
