"""The demo's email backend: it keeps each message as a file in DATA_DIR/mail."""

import itertools
import os
import time
from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

numbers = itertools.count(1)


class DemoBackend(BaseEmailBackend):
    """Writes `<time>-<process>-<number>.eml`, so that file names sort by time."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = settings.DATA_DIR / "mail"
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            stamp = f"{time.time_ns()}-{os.getpid()}-{next(numbers)}"
            (folder / f"{stamp}.eml").write_bytes(message.message().as_bytes())
        return len(email_messages)
