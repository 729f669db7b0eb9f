"""Members that forms suggest while someone types a name or an email address."""

from collections.abc import Callable
from dataclasses import dataclass
from time import time
from typing import Any

import structlog
from django.core.cache import cache
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from redis import RedisError

from accounts.email_addresses import format_email
from accounts.models import Membership, User
from accounts.models.membership import MembershipQuerySet
from accounts.web.list_query import filter_text

log = structlog.get_logger("limits")
# While typing only the first matches are useful; the page without script lists more of them.
SUGGESTED, LISTED = 8, 50
# Set by the script, which needs the list alone and not the page around it.
SCRIPT_HEADER = "X-Candidates"
# Of one person in a minute: several for each second of typing.
MOST_IN_A_MINUTE = 240
MINUTE = 60  # seconds
# `incr` raises ValueError if `add` could not write, which a cache in the database does not report.
NOT_COUNTED = (ValueError, OperationalError, InterfaceError, RedisError)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A member who can be chosen, or the reason why not in `note`."""

    user: User
    email: str
    note: str
    is_choosable: bool


def create_candidate(membership: Membership, why_not: str = "") -> Candidate:
    """Returns the candidate; `why_not` is empty if the member can be chosen."""
    return Candidate(
        user=membership.user,
        email=format_email(membership.user.email),
        note=why_not or membership.get_role_display(),
        is_choosable=not why_not,
    )


def is_too_fast(request: HttpRequest) -> bool:
    """Counts the request of the person and returns whether it is beyond the limit of this minute.

    What cannot be counted is let through, with a log line: the limit only shares capacity.
    """
    key = f"candidates:{request.user.pk}:{int(time()) // MINUTE}"
    try:
        cache.add(key, 0, timeout=2 * MINUTE)
        return bool(cache.incr(key) > MOST_IN_A_MINUTE)
    except NOT_COUNTED as error:
        log.warning("not counted", limit="candidates", error=type(error).__name__)
        return False


def show_candidates(
    request: HttpRequest,
    memberships: MembershipQuerySet,
    create: Callable[[list[Membership]], list[Candidate]],
    context: dict[str, Any],
) -> HttpResponse:
    """Answers with the members that match `q`: as a page, or as its list alone for the script.

    Answers 429 to someone who asks faster than people type. `context` has `choose_url`, to which a choice
    leads with the email address in its query string.
    """
    if is_too_fast(request):
        return HttpResponse(status=429, headers={"Retry-After": str(MINUTE)})
    text = filter_text(request.GET.get("q", ""))
    by_script = SCRIPT_HEADER in request.headers
    length = SUGGESTED if by_script else LISTED
    matches = memberships.with_users().filter(user__is_active=True).matching(text)
    rows = list(matches.order_by("user__search_text", "pk")[: length + 1])
    context = {
        **context,
        "q": text,
        "candidates": create(rows[:length]),
        "has_more": len(rows) > length,
    }
    name = "_candidates" if by_script else "candidates"
    return render(request, f"accounts/members/{name}.html", context)
