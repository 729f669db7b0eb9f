"""The authenticator app of support staff, without which Django admin does not open."""

from accounts.enums import FactorType
from accounts.models import User


def add_staff_app(staff: User) -> User:
    """One without codes: tests that sign in with codes have tests/support/factors.py."""
    staff.authenticator_set.create(type=FactorType.AUTHENTICATOR_APP, data={"secret": ""})
    return staff
