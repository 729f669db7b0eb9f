"""The demo's mail: printed, and each message kept as a file in DATA_DIR/mail."""

import itertools
import os
import time
from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.console import EmailBackend as ConsoleBackend

numbers = itertools.count(1)


class DemoBackend(ConsoleBackend):
    """Writes `<time>-<process>-<number>.eml` beside printing it; file names sort by time."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = settings.DATA_DIR / "mail"
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            stamp = f"{time.time_ns()}-{os.getpid()}-{next(numbers)}"
            (folder / f"{stamp}.eml").write_bytes(message.message().as_bytes())
        return super().send_messages(email_messages) or 0
