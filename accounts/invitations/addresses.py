"""Parses email addresses as people paste them: several at once, with or without names."""

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.email_addresses import normalize_email, validate_email_address

ADDRESSES_AT_ONCE = 50
# Email programs write "Okafor, Maya" <maya@example.com> and put ; or line breaks between people.
PEOPLE = re.compile(r"[;\r\n]+")
BRACKETED = re.compile(r"<([^<>\s]+)>")
WORDS = re.compile(r"[,\s\"]+")


def split_addresses(text: str) -> list[str]:
    """Returns the normalized email addresses in `text`, without duplicates and in their order.

    They can be separated by commas, semicolons and white space; the name in `Name <address>` is dropped.
    Words that are not addresses are returned too, so that they can be refused by name.
    """
    # NFKC, because full-width commas and no-break spaces separate too.
    people = PEOPLE.split(unicodedata.normalize("NFKC", text))
    words = (normalize_email(word) for person in people for word in split_words(person))
    return list(dict.fromkeys(word for word in words if word))


def split_words(person: str) -> list[str]:
    """Returns the words that could be addresses, without the name before an address in <…>."""
    words: list[str] = []
    rest = 0
    for match in BRACKETED.finditer(person):
        if "@" in match[1]:
            name = WORDS.split(person[rest : match.start()])
            words += [word for word in name if "@" in word] + [match[1]]
            rest = match.end()
    return words + WORDS.split(person[rest:])


class AddressesFormField(forms.CharField):
    """One or more addresses, cleaned to a list, see `split_addresses`. An invalid one refuses all."""

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
                f"You entered {len(addresses)} email addresses. Enter at most {self.at_once} at once."
            )
        self.refuse_invalid(addresses)
        return addresses

    def refuse_invalid(self, addresses: list[str]) -> None:
        invalid = [address for address in addresses if not is_address(address)]
        if invalid:
            alone = len(addresses) == 1
            raise ValidationError([describe_refusal(address, alone=alone) for address in invalid])


def is_address(text: str) -> bool:
    try:
        validate_email_address(text)
    except ValidationError:
        return False
    return True


def describe_refusal(text: str, *, alone: bool) -> str:
    if alone:
        return "Enter a valid email address."
    excerpt = text if len(text) <= 60 else f"{text[:59]}…"
    return f"“{excerpt}” is not an email address. Correct or remove it."
