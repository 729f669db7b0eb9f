"""Reads names and slugs from bodies as forms read them."""

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
