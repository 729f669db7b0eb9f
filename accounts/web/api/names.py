"""Reads names, slugs and texts from bodies as forms read them."""

from collections.abc import Callable

from django import forms
from django.core.exceptions import ValidationError

from accounts.fields import NameField, SlugTextField
from accounts.validators import validate_not_reserved

NAME = NameField()


def read_name(text: str, field: str = "name") -> str:
    """Returns a name as it is stored. Raises ValidationError for `field` if it is invalid."""
    return clean_as(field, lambda: NAME.clean(text, None))


def read_slug(text: str, longest: int, field: str = "slug") -> str:
    """Returns a slug of at most `longest` characters. Raises ValidationError for `field` if it is invalid."""
    checked = SlugTextField(max_length=longest, validators=[validate_not_reserved])
    return clean_as(field, lambda: checked.clean(text, None))


def read_text(text: str, field: str, most: int) -> str:
    """Returns a text without white space around it, of 1 to `most` characters.

    Raises ValidationError for `field` otherwise.
    """
    return clean_as(field, lambda: forms.CharField(max_length=most).clean(text))


def clean_as(field: str, clean: Callable[[], str]) -> str:
    """Returns what `clean` returns. Raises its ValidationError for `field`."""
    try:
        return clean()
    except ValidationError as error:
        raise ValidationError({field: error.messages}) from error
