"""Validates names, slugs and the length of passwords."""

import re
import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

from accounts.email_addresses import is_invisible

NAME_LENGTH = 100
JOINER = "\u200d"  # zero width joiner
SLUG_LENGTH = 60
# Words that are or may become part of a URL, or that could pass for the platform itself.
RESERVED_SLUGS = frozenset(
    [
        "about",
        "account",
        "accounts",
        "admin",
        "administrator",
        "api",
        "app",
        "apps",
        "audit",
        "auth",
        "billing",
        "blog",
        "console",
        "current",
        "dashboard",
        "default",
        "default-project",
        "delete",
        "docs",
        "early-access",
        "edit",
        "general",
        "healthz",
        "help",
        "home",
        "invitation",
        "invitations",
        "invite",
        "legal",
        "link",
        "login",
        "logout",
        "mail",
        "me",
        "member",
        "members",
        "new",
        "none",
        "null",
        "oauth",
        "official",
        "order",
        "organization",
        "organizations",
        "owner",
        "platform",
        "pricing",
        "privacy",
        "profile",
        "project",
        "projects",
        "readyz",
        "remove",
        "request",
        "roles",
        "root",
        "security",
        "self",
        "settings",
        "shared",
        "signin",
        "signup",
        "staff",
        "static",
        "status",
        "superuser",
        "support",
        "system",
        "team",
        "teams",
        "terms",
        "theme",
        "undefined",
        "usage",
        "user",
        "users",
        "v1",
        "v2",
        "v3",
        "well-known",
        "www",
    ]
)

validate_slug = RegexValidator(
    r"\A[a-z0-9](?:-?[a-z0-9])*\Z",
    "Use lower-case letters, digits and single hyphens between them, such as ml-research.",
)


def normalize_name(value: str) -> str:
    """Returns `value` in NFC, with runs of white space replaced by one space."""
    return " ".join(unicodedata.normalize("NFC", value).split())


def validate_name(value: str) -> None:
    """Raises ValidationError for invisible and bidirectional characters and for links."""
    # The joiner is needed by emoji and several scripts.
    hidden = [character for character in value if is_invisible(character) and character != JOINER]
    if hidden:
        raise ValidationError(
            "Remove the invisible character U+%(code)s.", params={"code": f"{ord(hidden[0]):04X}"}
        )
    # Names are mailed to strangers; a name such as Booking.com is fine.
    if link := re.search(r"://|\bwww\.", value, re.IGNORECASE):
        raise ValidationError(
            "Remove “%(link)s”: a name can't be a link.", params={"link": link.group()}
        )
    if not any(unicodedata.category(c)[0] in "LNSP" for c in value):
        raise ValidationError("Enter a name with at least one visible character.")


def validate_not_reserved(value: str) -> None:
    if value in RESERVED_SLUGS:
        raise ValidationError(
            "“%(slug)s” is reserved. Choose another slug.", params={"slug": value}
        )


class PasswordLengthValidator:
    """Refuses passwords under 15 characters, and over 128, which would keep the server busy hashing."""

    shortest, longest = 15, 128

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) < self.shortest:
            raise ValidationError(
                "Use at least %(shortest)d characters.", params={"shortest": self.shortest}
            )
        if len(password) > self.longest:
            raise ValidationError(
                "Use at most %(longest)d characters.", params={"longest": self.longest}
            )

    def get_help_text(self) -> str:
        return f"Your password must have {self.shortest} to {self.longest} characters."
