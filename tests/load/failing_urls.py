"""The console's addresses and one that fails with whatever it was given in hand."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

handler404, handler500 = "console.web.errors.not_found", "console.web.errors.server_error"


@csrf_exempt
def fails(request: HttpRequest, rest: str) -> HttpResponse:
    """A defect, with the key in a variable, in the message and in the request."""
    key = request.META.get("HTTP_AUTHORIZATION", rest)
    raise RuntimeError(f"cannot work with {key} and {request.body!r}")


urlpatterns = [
    path("fails/<path:rest>", fails),
    path("v1/fails/<path:rest>", fails),
    path("", include("console.urls")),
]
