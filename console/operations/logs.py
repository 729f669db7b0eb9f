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


def build_logging(path: str, level: str) -> dict[str, Any]:
    """Returns Django's LOGGING: all lines as JSON to the file at `path`, or to standard error."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": MaskingFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    structlog.processors.JSONRenderer(),
                ],
                "foreign_pre_chain": [
                    structlog.contextvars.merge_contextvars,
                    structlog.stdlib.add_log_level,
                    structlog.processors.TimeStamper(fmt="iso", utc=True),
                ],
            }
        },
        "handlers": {"lines": {"formatter": "line", **log_handler(path)}},
        "root": {"handlers": ["lines"], "level": level},
        "loggers": {
            # Django's own handlers would print every line twice; ours is the one at the root.
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            # RequestLogMiddleware already says status and path once.
            "django.request": {"level": "ERROR"},
        },
    }


def configure_structlog() -> None:
    """Passes the lines of structlog's loggers to those of the standard library."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def mask_server_logs() -> None:
    """Masks gunicorn's own log lines, which quote requests that it cannot parse."""
    for name in ("gunicorn.error", "gunicorn.access"):
        for handler in logging.getLogger(name).handlers:
            handler.setFormatter(Masking(handler.formatter or logging.Formatter()))
