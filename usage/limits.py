"""Limits on the time of a usage event."""

import datetime as dt

MAX_EVENT_AGE = dt.timedelta(days=35)
# How far ahead of ours a sender's clock may be.
MAX_CLOCK_SKEW = dt.timedelta(minutes=5)
