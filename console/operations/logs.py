"""Log lines as JSON, with every secret of our formats masked wherever it may have slipped in."""

import logging
from typing import Any

import structlog

from accounts.crypto.masking import mask_secrets


class MaskingFormatter(structlog.stdlib.ProcessorFormatter):
    """The last station of every line, so nothing a library logs passes it unmasked."""

    def format(self, record: logging.LogRecord) -> str:
        return mask_secrets(super().format(record))


class Masking(logging.Formatter):
    """Writes lines as `inner` does, masked."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self.inner = inner

    def format(self, record: logging.LogRecord) -> str:
        return mask_secrets(self.inner.format(record))


def log_handler(path: str) -> dict[str, Any]:
    """The settings of a handler that appends to the file at `path`, or writes to standard error."""
    if path:
        return {"class": "logging.FileHandler", "filename": path, "delay": True}
    return {"class": "logging.StreamHandler"}


def mask_server_logs() -> None:
    """Masks what gunicorn writes by itself: it quotes what it could not read of a request."""
    for name in ("gunicorn.error", "gunicorn.access"):
        for handler in logging.getLogger(name).handlers:
            handler.setFormatter(Masking(handler.formatter or logging.Formatter()))
