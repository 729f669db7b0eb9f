"""Check constraints that several tables share."""

from django.db.models import CheckConstraint, Q
from django.db.models.enums import Choices


def choice_constraint(field: str, choices: type[Choices], table: str) -> CheckConstraint:
    """Returns a constraint that limits `field` to the values of `choices`, also in raw SQL."""
    return CheckConstraint(
        condition=Q(**{f"{field}__in": list(choices.values)}), name=f"{table}_{field}_known"
    )
