"""Compares how long sign-up takes for email addresses with and without an account: it must be the same.

Run: .venv/bin/python bench/sign_up.py (after bin/test has made .venv); SQLite, or the empty database in
DATABASE_URL. Passwords are hashed as in production. Prints the median CPU time of each kind over
alternating rounds and their ratio, which must be within 5% of 1.
"""

import os
import secrets
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "console.settings",
    "DEMO": "1",
    "DATA_DIR": tempfile.mkdtemp(prefix="console-bench-"),
    "SECRET_KEY": secrets.token_urlsafe(48),
    "PEPPER": secrets.token_urlsafe(48),
    "ENCRYPTION_KEY": secrets.token_urlsafe(48),
    "LOG_LEVEL": "CRITICAL",
}

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.test import Client, override_settings  # noqa: E402

ROUNDS = 30
LIMIT = 0.05
PASSWORD = "correct horse battery staple"  # noqa: S105


def sign_up(email: str, number: int) -> float:
    """Returns the milliseconds of CPU time of one request, from an IP address of its own."""
    client = Client(REMOTE_ADDR=f"203.0.113.{number + 1}")
    started = time.process_time()
    answer = client.post(
        "/accounts/signup/", {"name": "New Person", "email": email, "password1": PASSWORD}
    )
    taken = time.process_time() - started
    assert answer.status_code == 302, answer.content
    return taken * 1000


def main() -> int:
    call_command("migrate", verbosity=0)
    call_command("createcachetable", database="cache")
    call_command("collectstatic", interactive=False, verbosity=0)
    for number in range(ROUNDS):
        sign_up(f"known{number}@example.org", number)
    taken: dict[str, list[float]] = {"known": [], "fresh": []}
    for number in range(ROUNDS):
        for kind, times in taken.items():
            times.append(sign_up(f"{kind}{number}@example.org", number))
    medians = {kind: statistics.median(times) for kind, times in taken.items()}
    for kind, median in medians.items():
        print(f"{kind:6} {median:8.1f} ms CPU, median of {ROUNDS}")
    ratio = medians["known"] / medians["fresh"]
    print(f"known / fresh: {ratio:.3f} (target within {LIMIT:.0%})")
    return 0 if abs(ratio - 1) <= LIMIT else 1


if __name__ == "__main__":
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        sys.exit(main())
