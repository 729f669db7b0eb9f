"""When a mail before the end of a key is due: what keys are asked in SQL, and one of them in Python."""

import datetime as dt

from django.db.models import Q
from django.utils import timezone

# How many days before its end the mails about a key are sent: the last one on its last day.
REMINDERS = (14, 3, 0)


def reach(days: int) -> dt.timedelta:
    """How near its end a key is when the mail of so many days before is sent."""
    return dt.timedelta(days=max(days, 1))


def reminder_due() -> Q:
    """Those that are nearer to their end than the last mail about it said."""
    now = timezone.now()
    due = Q(reminded_days__isnull=True)
    for days in REMINDERS:
        due |= Q(reminded_days__gt=days, expires_at__lte=now + reach(days))
    return Q(expires_at__gt=now, expires_at__lte=now + reach(max(REMINDERS))) & due


def nearest_reminder(expires_at: dt.datetime) -> int:
    """Which mail a key that is due and ends then gets: of several missed, the last alone."""
    left = expires_at - timezone.now()
    return min(days for days in REMINDERS if left <= reach(days))
