"""The console's addresses and one that fails in every way, for pages and below the API's prefixes."""

from django.core.exceptions import BadRequest, PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import path

from accounts.errors import Conflict
from console import urls
from console.urls import handler400, handler403, handler404, handler429, handler500
from console.web import errors

__all__ = ["handler400", "handler403", "handler404", "handler429", "handler500", "urlpatterns"]
RAISED: dict[int, Exception] = {
    400: BadRequest("the secret of this request"),
    403: PermissionDenied("the secret of this request"),
    404: Http404("the secret of this request"),
    409: Conflict("Somebody was faster."),
    500: RuntimeError("the secret of this request"),
    503: OperationalError("the secret of this request"),
}


def failing(request: HttpRequest, status: int) -> HttpResponse:
    if status == 405:
        return HttpResponseNotAllowed(["GET"])
    if status == 429:
        return errors.too_many_requests(request)
    raise RAISED[status]


def disconnected(request: HttpRequest) -> HttpResponse:
    raise InterfaceError("the connection is closed")


urlpatterns = [
    path("fails/<int:status>/", failing),
    path("v1/fails/<int:status>/", failing),
    path("oauth/fails/<int:status>/", failing),
    path("disconnected/", disconnected),
    *urls.urlpatterns,
]
