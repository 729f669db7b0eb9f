"""Limits on the time of a usage event."""

import datetime as dt

MAX_EVENT_AGE = dt.timedelta(days=35)
# A sender's clock may be this far ahead of ours.
MAX_CLOCK_SKEW = dt.timedelta(minutes=5)
