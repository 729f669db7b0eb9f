"""Where to go after signing in or confirming, from the parameter `next`; never to another site."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def safe_next(request: HttpRequest) -> str:
    """Returns the path in `next` of the form or the URL; empty if there is none on this site."""
    url = request.POST.get("next") or request.GET.get("next") or ""
    return url if url.startswith("/") and url_has_allowed_host_and_scheme(url, None) else ""
