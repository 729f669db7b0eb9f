"""Formats log lines as JSON and masks secrets in them."""

import logging
from typing import Any

import structlog

from accounts.crypto.masking import mask_secrets


class MaskingFormatter(structlog.stdlib.ProcessorFormatter):
    """Formats the lines of all loggers, so that lines of libraries are masked as well."""

    def format(self, record: logging.LogRecord) -> str:
        return mask_secrets(super().format(record))


class Masking(logging.Formatter):
    """Formats lines with `inner` and masks them."""

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
    """Masks gunicorn's own log lines, which quote requests that it cannot parse."""
    for name in ("gunicorn.error", "gunicorn.access"):
        for handler in logging.getLogger(name).handlers:
            handler.setFormatter(Masking(handler.formatter or logging.Formatter()))
