"""Reads names from bodies as forms read them."""

from django.core.exceptions import ValidationError

from accounts.fields import NameField

NAME = NameField()


def read_name(text: str, field: str = "name") -> str:
    """Returns a name as it is stored. Raises ValidationError for `field` if it is not one."""
    try:
        name: str = NAME.clean(text, None)
    except ValidationError as error:
        raise ValidationError({field: error.messages}) from error
    return name
