"""Compresses pages, JSON and CSV for browsers that take it; static files were compressed when collected."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TYPES = ("text/html", "application/json", "text/csv")
WORTHWHILE = 1024  # bytes; below, a round trip costs the same


class CompressionMiddleware(GZipMiddleware):
    """Django's, for our types only; errors go out as they are, because theirs must be the same bytes.

    Why this is safe although pages hold tokens: docs/decisions/0009-compressed-pages.md.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        small = len(getattr(response, "content", b"")) < WORTHWHILE and not response.streaming
        if response.status_code >= 400 or kind not in TYPES or small:
            return response
        return super().process_response(request, response)
