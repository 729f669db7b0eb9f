"""Compresses pages, JSON and CSV. Static files are compressed when they are collected."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TYPES = ("text/html", "application/json", "text/csv")
WORTHWHILE = 1024  # bytes; smaller responses fit into one packet anyway


class CompressionMiddleware(GZipMiddleware):
    """Django's middleware for some types. Errors are not compressed: their bytes must be identical.

    docs/decisions/0009-compressed-pages.md explains why this is safe although pages contain tokens.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        small = len(getattr(response, "content", b"")) < WORTHWHILE and not response.streaming
        if response.status_code >= 400 or kind not in TYPES or small:
            return response
        return super().process_response(request, response)
