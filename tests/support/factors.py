"""Second factors of people in tests: an authenticator app that computes its codes."""

import datetime as dt
import re
import time
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import Delivery
from accounts.factors.services import add_authenticator_app
from accounts.models import FactorReset, OutgoingMail, User
from tests.world import PASSWORD


def code_of(secret: str, steps: int = 0) -> str:
    """What an app displays now, or that many times 30 seconds later."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps)))


def with_app(user: User) -> tuple[str, list[str]]:
    """Gives the user an authenticator app; its secret, and their recovery codes."""
    secret = generate_totp_secret()
    added = add_authenticator_app(actor=Actor.of_user(user), name="Phone", secret=secret, code="")
    return secret, added.codes


def secret_of(user: User) -> str:
    return str(get_adapter().decrypt(user.authenticator_set.get(type="totp").data["secret"]))


def forget_used_codes() -> None:
    cache.clear()


def enter_password(client: Client, user: User, **more: Any) -> Any:
    form = {"login": user.email, "password": PASSWORD, **more}
    return client.post("/accounts/login/", form)


def sign_in_with_app(client: Client, user: User, secret: str, **more: Any) -> Any:
    enter_password(client, user)
    return client.post("/accounts/login/second-factor/", {"code": code_of(secret), **more})


def shown_codes(response: Any) -> list[str]:
    return re.findall(r"<li>(\d{5} \d{5})</li>", response.content.decode())


def let_reset_wait_pass(reset: FactorReset) -> None:
    """As if the reset had been requested, and its email sent, a day earlier."""
    day = dt.timedelta(hours=24, seconds=1)
    sent_at = timezone.now() - day
    sent = {"state": Delivery.SENT, "sealed_body": "", "done_at": sent_at}
    OutgoingMail.objects.filter(pk=reset.mail_id).update(**sent)
    FactorReset.objects.filter(pk=reset.pk).update(
        requested_at=reset.requested_at - day, due_at=reset.due_at - day
    )
