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


# In the session: what the person's row was like when they proved who they are; see `User.sign_in_mark`.
BEGUN = "sign_in_begun"


def begin_sign_in(request: HttpRequest, user: User) -> None:
    """Keeps what the sign-in depends on until it is finished. No lifetime of an earlier use stays."""
    request.session.set_expiry(None)
    request.session[BEGUN] = user.sign_in_mark


def is_overtaken(request: HttpRequest, person: User) -> bool:
    """Returns whether something has ended the sign-in since it began; `person` is their row as it is now.

    That is a new password, the end of all sessions, a deactivated account, or the removal of the second
    factor that was used.
    """
    if not person.is_active or request.session.get(BEGUN) != person.sign_in_mark:
        return True
    used = [record["id"] for record in list_used_factors(request, person)]
    return bool(used) and not person.authenticator_set.filter(pk=used[-1]).exists()


def list_used_factors(request: HttpRequest, user: User) -> list[dict[str, Any]]:
    """Returns the library's records of second factors that `user` has given in this session."""
    records: list[dict[str, Any]] = get_authentication_records(request, user)
    return [record for record in records if record.get("method") == "mfa"]


def find_method(request: HttpRequest, user: User) -> SignInMethod:
    """Returns what `user` has proved in this session so far: the latest second factor, else a password."""
    factors = list_used_factors(request, user)
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
