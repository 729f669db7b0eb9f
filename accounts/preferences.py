"""The theme: a cookie the server reads, so that nothing flashes."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.doors import public_page

THEMES = ("system", "light", "dark")
YEAR = 31_536_000  # seconds


@public_page("POST")
def theme(request: HttpRequest) -> HttpResponse:
    """Remembers the chosen theme and goes back to where it was chosen."""
    chosen, back = request.POST.get("theme", ""), request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = "/"
    # Not redirect(): it takes a bare word for the name of a view.
    response = HttpResponseRedirect(back)
    response.set_cookie(
        "theme",
        chosen if chosen in THEMES else "system",
        max_age=YEAR,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
    return response
