"""Writes about sessions, trusted browsers and resets of second factors for the database to refuse."""

import datetime as dt

from django.utils import timezone

from accounts.models import FactorReset, TrustedBrowser, UserSession
from tests.database.refusals import run
from tests.database.writes import changed, copied
from tests.world import World

DAY = dt.timedelta(days=1)


def user_session(world: World) -> UserSession:
    return world.member.sessions.get_or_create(session_key="a" * 32)[0]


def trusted_browser(world: World) -> TrustedBrowser:
    return world.member.trusted_browsers.get_or_create(mac="m" * 43)[0]


def factor_reset(world: World) -> FactorReset:
    now = timezone.now()
    return world.member.factor_resets.get_or_create(
        state="pending",
        defaults={
            "requested_by": world.staff,
            "note": "Seen.",
            "requested_at": now,
            "due_at": now + DAY,
        },
    )[0]


SIGN_IN_ATTEMPTS = {
    "usersession_method_known": (
        "usersession_method_known",
        lambda w: changed(user_session(w), method="magic"),
    ),
    "usersession_seen_after_start": (
        "usersession_seen_after_start",
        lambda w: changed(user_session(w), last_seen_at=user_session(w).started_at - DAY),
    ),
    "trustedbrowser_thirty_days": (
        "trustedbrowser_thirty_days",
        lambda w: changed(trusted_browser(w), expires_at=trusted_browser(w).created_at + 31 * DAY),
    ),
    "factorreset_one_pending": (
        "accounts_factorreset.user_id",
        lambda w: copied(factor_reset(w)),
    ),
    "factorreset_waits": (
        "factorreset_waits",
        lambda w: changed(factor_reset(w), due_at=factor_reset(w).requested_at + DAY / 2),
    ),
    "factorreset_somebody_else": (
        "factorreset_somebody_else",
        lambda w: run(
            "UPDATE accounts_factorreset SET requested_by_id = user_id WHERE id = %s",
            factor_reset(w).pk,
        ),
    ),
    "factorreset_ends_once": (
        "factorreset_ends_once",
        lambda w: changed(factor_reset(w), state="canceled"),
    ),
    "factorreset_not_early": (
        "factorreset_not_early",
        lambda w: changed(factor_reset(w), state="done", ended_at=timezone.now()),
    ),
    "factorreset_state_known": (
        "factorreset_state_known",
        lambda w: changed(factor_reset(w), state="lost", ended_at=timezone.now()),
    ),
}
