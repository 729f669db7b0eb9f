"""Formats log lines as JSON and masks secrets in them. The web server's own lines look the same."""

import logging
import logging.handlers
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

import structlog

from accounts.crypto.masking import mask_secrets
from console.operations.outages import UNAVAILABLE, describe_outage

ROOT = str(Path(__file__).resolve().parent.parent.parent)


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


class OutageFilter(logging.Filter):
    """Replaces the traceback of a lost database or cache with its reason and our own line of code.

    Each request meets it while it lasts, and a traceback takes 10 kB. It is a warning, since an error is
    always a defect.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, UNAVAILABLE):
            message = record.getMessage()
            record.msg = "%s (%s, at %s)"
            record.args = (message, describe_outage(error), find_own_line(error))
            record.exc_info = record.exc_text = None
        if isinstance(error, UNAVAILABLE) or getattr(record, "status_code", 0) == 503:
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


def find_own_line(error: BaseException) -> str:
    """Returns file and line of the innermost frame in the console's code, empty if there is none."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if is_own(frame.filename)]
    return f"{inside[-1].filename[len(ROOT) + 1 :]}:{inside[-1].lineno}" if inside else ""


def is_own(filename: str) -> bool:
    return filename.startswith(f"{ROOT}/") and "site-packages" not in filename


def create_formatter() -> MaskingFormatter:
    return MaskingFormatter(
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
    )


def describe_handler(path: str) -> dict[str, Any]:
    """The settings of a handler that appends to the file at `path`, or writes to standard error.

    A file that was moved away, as logrotate does, is created anew.
    """
    if path:
        return {
            "class": "logging.handlers.WatchedFileHandler",
            "filename": path,
            "delay": True,
            "encoding": "utf-8",
        }
    return {"class": "logging.StreamHandler"}


def build_logging(path: str, level: str) -> dict[str, Any]:
    """Returns Django's LOGGING: all lines as JSON to the file at `path`, or to standard error."""
    handler = {"formatter": "line", "filters": ["outages"], **describe_handler(path)}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": create_formatter}},
        "filters": {"outages": {"()": OutageFilter}},
        "handlers": {"lines": handler},
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
    """Masks gunicorn's own log lines, which quote requests that it cannot parse.

    Those of console/operations/web_server.py are masked already; gunicorn may run without gunicorn.conf.py.
    """
    for name in ("gunicorn.error", "gunicorn.access"):
        for handler in logging.getLogger(name).handlers:
            handler.setFormatter(Masking(handler.formatter or logging.Formatter()))


def log_uncaught_exceptions() -> None:
    """Makes exceptions that end a process or thread, and Python's warnings, lines of the log."""

    def log_exception(*error: Any) -> None:
        logging.getLogger("crash").critical("uncaught exception", exc_info=error)

    def log_thread_exception(args: threading.ExceptHookArgs) -> None:
        log_exception(args.exc_type, args.exc_value, args.exc_traceback)

    sys.excepthook = log_exception
    threading.excepthook = log_thread_exception
    logging.captureWarnings(capture=True)
