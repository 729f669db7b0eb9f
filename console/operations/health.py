"""Health of one process: `/healthz` says it runs, `/readyz` that it can serve."""

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse

from accounts.doors import public_page
from console.guards import TRIGGERS
from console.triggers import installed


@public_page()
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@public_page()
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when database and cache answer and every trigger is in place; else 503 with the reason."""
    missing = missing_triggers()
    if missing:
        return HttpResponse(f"missing triggers: {', '.join(missing)}\n", "text/plain", 503)
    cache.get("readyz")
    return HttpResponse("ok\n", content_type="text/plain")


def missing_triggers() -> list[str]:
    statement = "postgresql" if connection.vendor == "postgresql" else "sqlite"
    wanted = {trigger.name for trigger in TRIGGERS if getattr(trigger, statement)()}
    return sorted(wanted - installed(connection))
