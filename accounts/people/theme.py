"""The color theme, kept in a cookie that the server reads, so that pages do not flash."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.access.decorators import public_route
from accounts.web.cookies import keep_in_cookie

THEMES = ("system", "light", "dark")


@public_route("POST")
def theme(request: HttpRequest) -> HttpResponse:
    """Keeps the chosen theme and redirects back to where it was chosen."""
    chosen, back = request.POST.get("theme", ""), request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = "/"
    # Not redirect(): it takes a bare word for the name of a view.
    response = HttpResponseRedirect(back)
    keep_in_cookie(response, "theme", chosen if chosen in THEMES else "system")
    return response
