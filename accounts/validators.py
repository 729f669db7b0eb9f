"""What a name, an address, a slug and a password may look like."""

import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

NAME_LENGTH = 100
SLUG_LENGTH = 60
# Words that are, or may become, part of an address or pass for the platform itself.
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
    """`value` in NFC with runs of white space made one space."""
    return " ".join(unicodedata.normalize("NFC", value).split())


def normalize_email(value: str) -> str:
    """`value` in NFKC and lower case: two spellings of one address are one account."""
    return unicodedata.normalize("NFKC", value).strip().lower()


def validate_name(value: str) -> None:
    """ValidationError for control, invisible formatting, and bidirectional characters."""
    # Cf covers the bidirectional marks and zero-width characters that make one name pass for another;
    # the joiner is needed by emoji and several scripts.
    bad = [
        c for c in value if unicodedata.category(c) in {"Cc", "Cf", "Co", "Cs"} and c != "\u200d"
    ]
    if bad:
        raise ValidationError(
            "Remove the invisible character U+%(code)s.", params={"code": f"{ord(bad[0]):04X}"}
        )
    if not any(unicodedata.category(c)[0] in "LNSP" for c in value):
        raise ValidationError("Enter a name with at least one visible character.")


def validate_not_reserved(value: str) -> None:
    if value in RESERVED_SLUGS:
        raise ValidationError(
            "“%(slug)s” is on the list of reserved words. Choose another.", params={"slug": value}
        )


class MaximumLengthValidator:
    """Refuses passwords over 128 characters: hashing a novel is a way to keep a server busy."""

    def __init__(self, max_length: int = 128) -> None:
        self.max_length = max_length

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) > self.max_length:
            raise ValidationError(
                "Use at most %(max_length)d characters.", params={"max_length": self.max_length}
            )

    def get_help_text(self) -> str:
        return f"Your password can have up to {self.max_length} characters."
