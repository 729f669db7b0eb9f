"""Recovery codes: each replaces a lost second factor once."""

from typing import NamedTuple

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

from accounts.enums import FactorType
from accounts.models import User

COUNT = 10  # the default of MFA_RECOVERY_CODE_COUNT
HALF = 5  # digits before and after the space


class CodesLeft(NamedTuple):
    """The row of a person's recovery codes, and how many of them are left."""

    codes: Authenticator
    left: int
    total: int

    @property
    def are_few(self) -> bool:
        return self.left <= 3


def replace_codes(user: User) -> list[str]:
    """Replaces the user's codes and returns the new ones, which cannot be displayed again."""
    user.authenticator_set.filter(type=FactorType.RECOVERY_CODES).delete()
    codes: list[str] = RecoveryCodes.activate(user).generate_codes()
    return [f"{code[:HALF]} {code[HALF:]}" for code in codes]


def find_codes(user: User) -> CodesLeft | None:
    """Returns how many codes the user has left; None if they never had any."""
    codes = user.authenticator_set.filter(type=FactorType.RECOVERY_CODES).first()
    if codes is None:
        return None
    used = int(codes.data.get("used_mask", 0)).bit_count()
    return CodesLeft(codes, COUNT - used, COUNT)
