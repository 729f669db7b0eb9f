"""What pages say about limits: sentences, and the keys of a project that have some of their own."""

from typing import Any

from django.urls import reverse

from keys.enums import ModelRule
from keys.models import RequestLimits
from projects.access import ProjectAccess

MAX_LISTED = 100


def describe_limits(limits: RequestLimits) -> list[tuple[str, list[str]]]:
    """Returns what is limited, with a line for each value; empty without limits."""
    rules = limits.rules
    rows = [
        ("Requests a minute", format_number(limits.requests_per_minute)),
        ("Requests a day", format_number(limits.requests_per_day)),
        (ModelRule(limits.model_rule).label, rules["model_names"]),
        ("Allowed IP ranges", rules["ip_ranges"]),
    ]
    return [(label, values) for label, values in rows if values]


def format_number(number: int | None) -> list[str]:
    return [f"{number:,}"] if number else []


def list_limited_keys(access: ProjectAccess) -> dict[str, Any]:
    """Returns the context of the project's keys that have limits of their own."""
    rows = RequestLimits.objects.filter(
        api_key__project=access.project, api_key__revoked_at__isnull=True
    )
    rows = rows.select_related("api_key").order_by("api_key__search_text", "pk")
    here = reverse("api_keys", args=[access.project.slug])
    return {
        "keys": [
            {
                "name": row.api_key.name,
                "url": f"{here}{row.api_key.public_id}/limits/",
                "summary": summarize(row),
            }
            for row in rows[:MAX_LISTED]
            if row.api_key
        ]
    }


def summarize(limits: RequestLimits) -> str:
    """Returns the limits in one line."""
    models, ranges = len(limits.rules["model_names"]), len(limits.rules["ip_ranges"])
    parts = [
        f"{limits.requests_per_minute:,} requests a minute" if limits.requests_per_minute else "",
        f"{limits.requests_per_day:,} requests a day" if limits.requests_per_day else "",
        f"{ModelRule(limits.model_rule).label} ({models})" if models else "",
        f"IP ranges ({ranges})" if ranges else "",
    ]
    return ", ".join(filter(None, parts))
