"""The size of request bodies, whether they have a Content-Length or are sent in chunks."""

from django.http import HttpRequest, UnreadablePostError
from gunicorn.http.errors import ParseException


def is_body_too_large(request: HttpRequest, limit: int) -> bool:
    """Returns whether the body has more than `limit` bytes.

    Django takes a body without Content-Length for an empty one. One that is sent in chunks is read here,
    after which it is a body like any other. Raises UnreadablePostError if its chunks are malformed.
    """
    length = request.META.get("CONTENT_LENGTH") or ""
    if length or "HTTP_TRANSFER_ENCODING" not in request.META:
        return length.isdigit() and int(length) > limit
    # Without the server's promise that the stream ends, reading it could wait forever.
    if not request.META.get("wsgi.input_terminated"):
        return False
    body = read_chunks(request, limit + 1)
    request._body = body  # noqa: SLF001  (where Django looks for a body that was read)
    request.META["CONTENT_LENGTH"] = str(len(body))
    return len(body) > limit


def read_chunks(request: HttpRequest, most: int) -> bytes:
    """Returns the body, but at most that many bytes. Raises UnreadablePostError."""
    try:
        body: bytes = request.META["wsgi.input"].read(most)
    except (OSError, ParseException) as error:
        raise UnreadablePostError("The chunks of the body are malformed.") from error
    return body
