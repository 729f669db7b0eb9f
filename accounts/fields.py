"""Model fields that every app uses: public ids, names, slugs and email addresses."""

import re
import secrets
from typing import Any

from django.db import models

from accounts.email_addresses import normalize_email, validate_email_address
from accounts.validators import (
    NAME_LENGTH,
    SLUG_LENGTH,
    normalize_name,
    validate_name,
    validate_slug,
)

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ID_LENGTH = 20  # base62 characters: 119 random bits
PUBLIC_ID = re.compile(rf"[a-z]+_[{ALPHABET}]{{{ID_LENGTH}}}")


def random_text(length: int = ID_LENGTH) -> str:
    """Returns `length` random base62 characters."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


class PublicIdField(models.CharField[str, str]):
    """An opaque id such as `proj_4Kd…`, created with the row and shown instead of its primary key."""

    def __init__(self, prefix: str, **kwargs: Any) -> None:
        self.prefix = prefix
        super().__init__(
            **{
                "max_length": len(prefix) + 1 + ID_LENGTH,
                "unique": True,
                "editable": False,
                **kwargs,
            }
        )

    def get_default(self) -> str:
        return f"{self.prefix}_{random_text()}"

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, [self.prefix, *args], kwargs


class NameField(models.CharField[str, str]):
    """A name that a person typed: NFC, at most 100 characters, nothing invisible."""

    default_validators = [validate_name]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": NAME_LENGTH, **kwargs})

    def to_python(self, value: Any) -> Any:
        return normalize_name(super().to_python(value) or "")

    def get_prep_value(self, value: Any) -> Any:
        return normalize_name(value) if isinstance(value, str) else value


class SlugTextField(models.CharField[str, str]):
    """A lower-case slug, unique across the console."""

    default_validators = [validate_slug]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": SLUG_LENGTH, "unique": True, **kwargs})


class AddressField(models.CharField[str, str]):
    """An email address in normal form (NFKC, lower case)."""

    default_validators = [validate_email_address]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 254, **kwargs})

    def get_prep_value(self, value: Any) -> Any:
        return normalize_email(value) if isinstance(value, str) else value


class CreatedWithField(models.CharField[str, str]):
    """The public id of the token or admin API key that created a row; empty if a session created it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{
                "max_length": 40,
                "blank": True,
                "default": "",
                "db_default": "",
                "editable": False,
                **kwargs,
            }
        )
