"""/.well-known/security.txt: where to report vulnerabilities (RFC 9116)."""

import datetime as dt

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from accounts.access.decorators import public_route

# The RFC requires a time at which the file is out of date, recommended to be within a year.
VALID_FOR = dt.timedelta(days=180)


@public_route()
def security_txt(request: HttpRequest) -> HttpResponse:
    """Answers with SECURITY_CONTACT. Raises Http404 if the operator has set none."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    expires = timezone.now() + VALID_FOR
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {settings.BASE_URL}{reverse('security_txt')}",
    ]
    text = "".join(f"{line}\n" for line in lines)
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
