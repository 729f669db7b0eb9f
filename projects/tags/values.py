"""Names and values of tags as people type them, validated."""

import re
from collections.abc import Mapping

from django.core.exceptions import ValidationError

from accounts.email_addresses import is_invisible
from accounts.validators import JOINER, normalize_name
from projects.models.tags import MAX_TAGS, NAME_LENGTH, NONE, VALUE_LENGTH

NAME = re.compile(rf"[a-z][a-z0-9_-]{{0,{NAME_LENGTH - 1}}}")
BAD_NAME = (
    f"Use at most {NAME_LENGTH} lowercase letters, digits, hyphens and underscores, and start with a "
    "letter, such as cost-center."
)
TOO_LONG = f"Use at most {VALUE_LENGTH} characters."
NO_VALUE = "Enter a value."
RESERVED = f"“{NONE}” stands for no value in reports. Choose another value."
TOO_MANY = f"Use at most {MAX_TAGS} tags."


def validate_tag_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise ValidationError(BAD_NAME)


def validate_tag_value(value: str) -> None:
    """Raises ValidationError for a normalized value that is empty, too long, invisible or reserved."""
    if not value:
        raise ValidationError(NO_VALUE)
    if len(value) > VALUE_LENGTH:
        raise ValidationError(TOO_LONG)
    if value == NONE:
        raise ValidationError(RESERVED)
    if hidden := [each for each in value if is_invisible(each) and each != JOINER]:
        code = f"{ord(hidden[0]):04X}"
        raise ValidationError("Remove the invisible character U+%(code)s.", params={"code": code})


def clean_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Returns the tags with normalized values. Raises ValidationError at `tags` for the first bad one."""
    if len(tags) > MAX_TAGS:
        raise ValidationError({"tags": TOO_MANY})
    cleaned = {name: normalize_name(value) for name, value in tags.items()}
    for name, value in cleaned.items():
        try:
            validate_tag_name(name)
            validate_tag_value(value)
        except ValidationError as error:
            message = "; ".join(error.messages)
            raise ValidationError({"tags": f"{name[:NAME_LENGTH]}: {message}"}) from None
    return cleaned
