"""Log lines as JSON, with every secret of our formats masked wherever it may have slipped in."""

import logging

import structlog

from accounts.masking import masked


class MaskingFormatter(structlog.stdlib.ProcessorFormatter):
    """The last station of every line, so nothing a library logs passes it unmasked."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))
