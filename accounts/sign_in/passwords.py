"""Refuses weak passwords, by zxcvbn's estimate of how many guesses they take."""

import re
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from zxcvbn import zxcvbn

# Of 4; below it a password falls to 10^8 guesses (github.com/dropbox/zxcvbn, "score").
LOWEST_SCORE = 3
# zxcvbn takes time that grows with the square of the length; this much decides the score.
READ_LENGTH = 64
# The demo's passwords are published.
PUBLISHED = ("demo-console-2026",)


class StrengthValidator:
    """Refuses passwords that are easy to guess, also from the user's name and address and the host name."""

    def validate(self, password: str, user: Any = None) -> None:
        if not settings.DEMO and password in PUBLISHED:
            raise easy_to_guess()
        context = [*personal_words(user), str(urlsplit(settings.BASE_URL).hostname)]
        estimate = zxcvbn(password[:READ_LENGTH], user_inputs=context)
        if estimate["score"] < LOWEST_SCORE:
            raise easy_to_guess()

    def get_help_text(self) -> str:
        return "Use several words that don't belong together."


def easy_to_guess() -> ValidationError:
    return ValidationError(
        "This password is easy to guess. Use several words that don't belong together.",
        code="password_easy_to_guess",
    )


def personal_words(user: Any) -> list[str]:
    """Returns the user's name and email address, whole and split into words."""
    texts = [str(getattr(user, name, "") or "") for name in ("name", "email")]
    return [word for text in texts for word in [text, *re.split(r"[\W_]+", text)] if len(word) > 2]
