"""Limits of how often codes of a person can be entered, whatever the IP address: codes are short."""

import math
import time
from typing import Any

from allauth.core import context
from allauth.core.internal import ratelimit
from django.core.cache import cache

from accounts.errors import TooMany
from accounts.models import User
from accounts.web.formatting import format_minutes

# The limits are in ACCOUNT_RATE_LIMITS.
APP, ACTION = "allauth.account", "second_factor"
TOO_MANY = "Too many wrong codes. Wait %(wait)s, or use a passkey."
HOUR, DAY = 3600, 86_400  # seconds


def build_key(user: User) -> str:
    return f"second-factor:{user.public_id}"


def count_attempt(user: User) -> Any:
    """Counts an attempt to enter a code of `user`; returns the count, to be taken back if it was right.

    Raises TooMany.
    """
    usage = ratelimit.consume(context.request, app=APP, action=ACTION, key=build_key(user))
    if usage is None:
        wait = find_wait(user)
        raise TooMany(TOO_MANY, params={"wait": format_wait(wait)}, retry_after=wait)
    return usage


def find_wait(user: User) -> int:
    """Returns how many seconds it takes until another code of `user` can be entered."""
    now, wait = time.time(), 1.0
    for rate in ratelimit.get_rates(app=APP, action=ACTION):
        key = ratelimit.get_cache_key(
            context.request, app=APP, action=ACTION, rate=rate, key=build_key(user)
        )
        attempts = cache.get(key, [])  # timestamps, newest first
        if len(attempts) >= rate.amount:
            wait = max(wait, attempts[rate.amount - 1] + rate.duration - now)
    return math.ceil(wait)


def format_wait(seconds: int) -> str:
    """Returns a wait in minutes or, from an hour on, in whole hours, rounded up."""
    step = HOUR if seconds > HOUR else 60
    return format_minutes(math.ceil(seconds / step) * step // 60)


def forget_attempts(user: User) -> None:
    """Forgets the wrong codes of someone who knew a password that `user` has just replaced.

    At most once a day: who reads a person's mail can set passwords as often as they like, but must not get
    as many guesses of codes.
    """
    if claim_today("forgotten", user):
        ratelimit.clear(context.request, app=APP, action=ACTION, key=build_key(user))


def claim_today(act: str, user: User) -> bool:
    """Returns whether `act` may be done for `user`, which is once in 24 hours, and marks it as done."""
    return bool(cache.add(f"second-factor-{act}:{user.public_id}", 1, timeout=DAY))
