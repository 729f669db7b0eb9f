"""Log lines as JSON, with every secret of our formats masked wherever it may have slipped in."""

import logging
import re

import structlog

# `<prefix>_` and at least the 49 base62 characters every token of ours ends in; and the keys that
# password-reset links carry in their path.
TOKEN = re.compile(r"\b([a-z]{2,12}_)[0-9A-Za-z]{49,}")
RESET_KEY = re.compile(r"(/password/reset/key/)[^/\s\"]+")


def masked(text: str) -> str:
    """`text` with the secret part of tokens and reset links replaced by an ellipsis."""
    return RESET_KEY.sub(r"\1…", TOKEN.sub(r"\1…", text))


class MaskingFormatter(structlog.stdlib.ProcessorFormatter):
    """The last station of every line, so nothing a library logs passes it unmasked."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))
