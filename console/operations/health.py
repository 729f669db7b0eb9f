"""Health of one process: `/healthz` says it runs, `/readyz` that it can serve."""

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse

from accounts.access.decorators import public_route
from console import triggers
from console.operations.migrations import unknown_migrations


@public_route()
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@public_route()
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when database and cache answer and every trigger is the one of the code; else 503 with the reason.

    Once a newer version has migrated the database, its triggers are for that one to judge.
    """
    differences = triggers.find_differences(connection)
    if differences and not unknown_migrations(connection):
        text = f"missing or changed triggers: {', '.join(differences)}\n"
        return HttpResponse(text, "text/plain", 503)
    cache.get("readyz")
    return HttpResponse("ok\n", content_type="text/plain")
