"""When reminders before the end of a key are due."""

import datetime as dt

from django.db.models import Q
from django.utils import timezone

# How many days before its end the reminders of a key are sent: the last one on its last day.
REMINDERS = (14, 3, 0)


def reach(days: int) -> dt.timedelta:
    """Returns how long before its end a key gets the reminder of `days`."""
    return dt.timedelta(days=max(days, 1))


def reminder_due() -> Q:
    """Returns the condition of keys that are nearer to their end than their last reminder said."""
    now = timezone.now()
    due = Q(reminded_days__isnull=True)
    for days in REMINDERS:
        due |= Q(reminded_days__gt=days, expires_at__lte=now + reach(days))
    return Q(expires_at__gt=now, expires_at__lte=now + reach(max(REMINDERS))) & due


def nearest_reminder(expires_at: dt.datetime) -> int:
    """Returns the reminder of a key that is due, in days: of several missed ones the last."""
    left = expires_at - timezone.now()
    return min(days for days in REMINDERS if left <= reach(days))
