"""The form field for when a key expires: never, after some days, or at the end of a day in UTC."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.web.formatting import format_count
from keys.api_keys.services import END_REQUIRED
from keys.models import KeyPolicy
from keys.models.policy import MOST_DAYS

DAYS = re.compile(r"([0-9]{1,6})d?", re.ASCII)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
PRESETS = (7, 30, 90, 365)  # days
USUAL = "30d"  # selected at first where keys have to expire
NEVER, ON_A_DAY = "", "day"
UNREADABLE = "Choose an option, or enter a number of days such as 30, or a date such as 2027-01-30."
WHICH_DAY = "Enter the last day the key should work, such as 2027-01-30."
TOO_FAR = f"Choose at most {MOST_DAYS:,} days (ten years)."
OVER = "That day is in the past. Choose a later day."


class ExpiresWidget(forms.MultiWidget):
    """A choice of lengths and the date for *On a day…*: the fields `expires` and `expires_on`."""

    template_name = "keys/api_keys/_expires.html"
    use_fieldset = False

    def __init__(self, choices: list[tuple[str, str]], *, first: str, last: str) -> None:
        lengths = [length for length, _ in choices]
        self.usual = next((length for length in (NEVER, USUAL) if length in lengths), lengths[0])
        day = {"type": "date", "min": first, "max": last, "aria-label": "Last day the key works"}
        super().__init__(
            {"": forms.Select(choices=choices), "on": forms.DateInput(attrs=day)},
        )

    def decompress(self, value: dt.datetime | None) -> list[str]:
        return [ON_A_DAY, last_day(value).isoformat()] if value else [self.usual, ""]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Adds a length that was sent to the choices if it is not one of them, so that it stays selected."""
        if isinstance(value, list):
            sent, day = value[0] or NEVER, value[1] or ""
            select = self.widgets[0]
            assert isinstance(select, forms.Select)
            offered = {choice for choice, _ in select.choices}
            if DAY.fullmatch(sent):
                sent, day = ON_A_DAY, sent
            elif match := DAYS.fullmatch(sent):
                sent = f"{match[1]}d"
                if sent not in offered:
                    select.choices = [*select.choices, make_choice(match[1])]
            value = [sent, day]
        return super().get_context(name, value, attrs)

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_0"

    def use_required_attribute(self, initial: Any) -> bool:
        """Returns False: most choices do not need the date."""
        return False


class ExpiresField(forms.Field):
    """Cleans to when the key expires, or None for never. Offers and explains what the policy allows.

    `secret_made_at` is when the current secret was created, from which the policy counts; None for a new
    one, which counts from now. Accepts an empty value, `30`, `30d` and `2027-01-30` (until the end of that
    day in UTC).
    """

    def __init__(self, policy: KeyPolicy, secret_made_at: dt.datetime | None) -> None:
        now = timezone.now()
        latest = policy.latest_end(secret_made_at or now)
        furthest = now + dt.timedelta(days=MOST_DAYS)
        choices = list(list_choices(policy, (latest - now).days if latest else None))
        super().__init__(
            label="Expires",
            required=policy.end_required,
            error_messages={"required": END_REQUIRED},
            help_text=describe_policy(policy, latest if secret_made_at else None),
            widget=ExpiresWidget(
                choices,
                first=now.date().isoformat(),
                last=last_full_day(min(latest or furthest, furthest)).isoformat(),
            ),
        )

    def to_python(self, value: Any) -> dt.datetime | None:
        sent, day = value[0], (value[1] or "").strip()
        # A date without the choice beside it does not mean "never".
        length = sent.strip() if sent is not None else ON_A_DAY if day else NEVER
        if length == NEVER:
            return None
        if match := DAYS.fullmatch(length):
            return timezone.now() + dt.timedelta(days=parse_days(match[1]))
        return parse_end(day, WHICH_DAY) if length == ON_A_DAY else parse_end(length, UNREADABLE)


def list_choices(policy: KeyPolicy, most: int | None) -> Iterator[tuple[str, str]]:
    """Yields the choices up to `most` days, and `most` itself."""
    if not policy.end_required:
        yield NEVER, "Never"
    lengths = [days for days in PRESETS if most is None or days <= most]
    if most and most > 0 and most not in lengths:
        lengths.append(most)
    yield from (make_choice(str(days)) for days in lengths)
    yield ON_A_DAY, "On a day…"


def make_choice(days: str) -> tuple[str, str]:
    return f"{days}d", format_count(int(days), "day")


def describe_policy(policy: KeyPolicy, latest: dt.datetime | None) -> str:
    """Returns the help text of the field: what the policy requires."""
    if policy.longest_days is None:
        requirement = "The key policy requires an expiration. " if policy.expiry_required else ""
        return f"{requirement}Keys work until the end of the day in UTC."
    lifetime = format_count(policy.longest_days, "day")
    if latest is None:
        return f"The key policy limits secrets to {lifetime}."
    return (
        f"The key policy limits secrets to {lifetime}, so this one can last until "
        f"{last_full_day(latest)}. Rotate the key to choose a later date."
    )


def parse_days(digits: str) -> int:
    """Returns a number of days from 1 to `MOST_DAYS`. Raises ValidationError."""
    days = int(digits)
    if days == 0:
        raise ValidationError(OVER)
    if days > MOST_DAYS:
        raise ValidationError(TOO_FAR)
    return days


def parse_end(text: str, unreadable: str) -> dt.datetime:
    """Returns the midnight after a day in UTC. Raises ValidationError, with `unreadable` if it is no date."""
    try:
        day = dt.date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise ValidationError(unreadable)
    today = timezone.now().date()
    if day < today:
        raise ValidationError(OVER)
    if day > today + dt.timedelta(days=MOST_DAYS):
        raise ValidationError(TOO_FAR)
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), dt.UTC)


def last_day(end: dt.datetime) -> dt.date:
    """Returns the last day on which a key that expires at `end` works."""
    return (end.astimezone(dt.UTC) - dt.timedelta(microseconds=1)).date()


def last_full_day(latest: dt.datetime) -> dt.date:
    """Returns the last day that is over by `latest`."""
    return latest.astimezone(dt.UTC).date() - dt.timedelta(days=1)
