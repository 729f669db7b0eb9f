"""Health checks: `/healthz` answers while the process runs, `/readyz` when it can serve requests."""

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse

from accounts.access.decorators import public_route
from accounts.web.formatting import format_count
from console import triggers
from console.operations.heartbeats import find_missing_parts
from console.operations.migrations import unknown_migrations
from usage.ledger.series_walk import is_walk_unfinished


@public_route()
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@public_route()
def readyz(request: HttpRequest) -> HttpResponse:
    """Answers 200 if the database and cache answer, all triggers are up to date and all usage records
    have their series, otherwise 503.

    After a newer version has migrated the database, triggers are not compared. A missing worker is only
    mentioned, since pages work without it; with `?worker` in the URL it is 503, for monitoring.
    """
    differences = triggers.find_differences(connection)
    if differences and not unknown_migrations(connection):
        text = f"missing or changed triggers: {', '.join(differences)}\n"
        return HttpResponse(text, "text/plain", 503)
    if is_walk_unfinished():
        return HttpResponse("migrate has not finished with the usage records\n", "text/plain", 503)
    cache.get("readyz")
    missing = [describe_missing(part, age) for part, age in find_missing_parts().items()]
    text = "\n".join(["ok", *missing, ""])
    return HttpResponse(text, "text/plain", 503 if missing and "worker" in request.GET else 200)


def describe_missing(part: str, age: int) -> str:
    return f"no worker has run {part} for {format_count(age // 60, 'minute')}"
