"""The context of the security page about how a person can sign in."""

from typing import Any

from allauth.mfa.models import Authenticator

from accounts.enums import FactorType
from accounts.factors.recovery_codes import find_codes
from accounts.factors.services import name_factor
from accounts.models import Organization, User


def describe_factor_row(factor: Authenticator) -> dict[str, Any]:
    return {
        "reference": factor.data.get("public_id", ""),
        "name": name_factor(factor),
        "created_at": factor.created_at,
        "last_used_at": factor.last_used_at,
    }


def describe_factors(user: User) -> dict[str, Any]:
    """Returns the context about the user's password, passkeys, authenticator app and recovery codes."""
    rows = list(user.authenticator_set.order_by("created_at", "pk"))
    of_type = {kind: [row for row in rows if row.type == kind] for kind in FactorType}
    apps = of_type[FactorType.AUTHENTICATOR_APP]
    return {
        "has_password": user.has_usable_password(),
        "password_changed_at": user.password_changed_at,
        "passkeys": [describe_factor_row(row) for row in of_type[FactorType.PASSKEY]],
        "app": describe_factor_row(apps[0]) if apps else None,
        "codes": find_codes(user),
        "has_second_factor": bool(apps or of_type[FactorType.PASSKEY]),
    }


def list_requiring_organizations(user: User) -> list[Organization]:
    """Returns the organizations that require a second factor of the user."""
    return list(Organization.objects.requiring_factor_of(user).order_by("search_text", "pk"))
