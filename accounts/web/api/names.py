"""Reads names, slugs and texts from bodies as forms read them."""

from django import forms
from django.core.exceptions import ValidationError

from accounts.fields import NameField, SlugTextField
from accounts.validators import validate_not_reserved

NAME = NameField()


def read_name(text: str, field: str = "name") -> str:
    """Returns a name as it is stored. Raises ValidationError for `field` if it is not one."""
    try:
        name: str = NAME.clean(text, None)
    except ValidationError as error:
        raise ValidationError({field: error.messages}) from error
    return name


def read_slug(text: str, longest: int, field: str = "slug") -> str:
    """Returns a slug of at most `longest` characters. Raises ValidationError for `field` if it is not one."""
    checked = SlugTextField(max_length=longest, validators=[validate_not_reserved])
    try:
        slug: str = checked.clean(text, None)
    except ValidationError as error:
        raise ValidationError({field: error.messages}) from error
    return slug


def read_text(text: str, field: str, most: int) -> str:
    """Returns a text without white space around it, of 1 to `most` characters.

    Raises ValidationError for `field`.
    """
    try:
        cleaned: str = forms.CharField(max_length=most).clean(text)
    except ValidationError as error:
        raise ValidationError({field: error.messages}) from error
    return cleaned
