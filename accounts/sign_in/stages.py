"""Steps between the password and the session."""

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.internal.httpkit import headed_redirect_response
from allauth.mfa.stages import AuthenticateStage
from django.http import HttpRequest

from accounts.enums import FactorType, SignInMethod
from accounts.models import User
from accounts.sessions.trusted_browsers import find_trusted_browser

FACTOR_METHODS = {
    FactorType.PASSKEY: SignInMethod.PASSKEY_SECOND,
    FactorType.AUTHENTICATOR_APP: SignInMethod.AUTHENTICATOR_APP,
    FactorType.RECOVERY_CODES: SignInMethod.RECOVERY_CODE,
}


def find_method(request: HttpRequest, user: User) -> SignInMethod:
    """Returns what `user` has proved in this session so far: the latest second factor, else a password."""
    records: list[dict[str, Any]] = get_authentication_records(request, user)
    factors = [record for record in records if record.get("method") == "mfa"]
    if factors:
        last = factors[-1]
        return SignInMethod.PASSKEY if last.get("passwordless") else FACTOR_METHODS[last["type"]]
    if user.has_second_factor and find_trusted_browser(request, user):
        return SignInMethod.TRUSTED_BROWSER
    return SignInMethod.PASSWORD


def needs_second_factor(request: HttpRequest, user: User) -> bool:
    """Returns whether a password is all that was proved, though the user has a second factor."""
    return find_method(request, user) == SignInMethod.PASSWORD and user.has_second_factor


class SecondFactorStage(AuthenticateStage):
    """Requests the second factor of people who have one, unless they trust this browser."""

    urlname = "second_factor"

    def handle(self) -> tuple[Any, bool]:
        user = self.login.user
        if not isinstance(user, User) or not needs_second_factor(self.request, user):
            return None, True
        return headed_redirect_response(self.urlname), True
