"""Email addresses as people paste them: several at once, with names around them or without."""

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from accounts.fields import AddressField
from accounts.validators import normalize_email

ADDRESSES_AT_ONCE = 50
# A mail program writes "Okafor, Maya" <maya@example.com>; between people stand ; or line ends.
PEOPLE = re.compile(r"[;\r\n]+")
BRACKETED = re.compile(r"<([^<>\s]+)>")
WORDS = re.compile(r"[,\s\"]+")


def split_addresses(text: str) -> list[str]:
    """The addresses in `text` in their normal form, each once, in the order they stand there.

    Commas, semicolons, white space and line ends divide them; of `Name <address>` the name is
    dropped. What is no address stays in the list, so that it can be shown and refused.
    """
    # Full-width commas and no-break spaces divide too.
    people = PEOPLE.split(unicodedata.normalize("NFKC", text))
    found = (normalize_email(word) for one in people for word in split_words(one))
    return list(dict.fromkeys(word for word in found if word))


def split_words(one: str) -> list[str]:
    """What could be addresses in a line: without the names that stand before <…>."""
    words: list[str] = []
    rest = 0
    for match in BRACKETED.finditer(one):
        if "@" in match[1]:
            name = WORDS.split(one[rest : match.start()])
            words += [word for word in name if "@" in word] + [match[1]]
            rest = match.end()
    return words + WORDS.split(one[rest:])


class AddressesFormField(forms.CharField):
    """One or more addresses, see `split_addresses`; clean gives a list. One bad one refuses all."""

    widget = forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "spellcheck": "false"})

    def __init__(self, *, at_once: int = ADDRESSES_AT_ONCE, **kwargs: Any) -> None:
        self.at_once = at_once
        super().__init__(**{"max_length": at_once * 400, **kwargs})

    def clean(self, value: Any) -> Any:
        addresses = split_addresses(super().clean(value))
        if not addresses and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(addresses) > self.at_once:
            raise ValidationError(
                f"These are {len(addresses)} addresses. Enter at most {self.at_once} at once."
            )
        self.refuse_bad(addresses)
        return addresses

    def refuse_bad(self, addresses: list[str]) -> None:
        if bad := [one for one in addresses if not is_address(one)]:
            raise ValidationError([describe_refusal(one, alone=len(addresses) == 1) for one in bad])


def is_address(text: str) -> bool:
    try:
        EmailValidator()(text)
    except ValidationError:
        return False
    return len(text) <= (AddressField().max_length or 0)


def describe_refusal(text: str, *, alone: bool) -> str:
    if alone:
        return "Enter a valid email address."
    shown = text if len(text) <= 60 else f"{text[:59]}…"
    return f"“{shown}” is not an email address. Correct it or take it out."
