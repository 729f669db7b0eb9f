"""Addresses as people paste them: divided, freed of names, each once; a bad one is named."""

import time

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts.invitations.addresses import AddressesFormField, split_addresses

MAYA, INES = "maya@northwind.example", "ines@northwind.example"


@pytest.mark.parametrize(
    "text",
    [
        f"{MAYA},{INES}",
        f"{MAYA}, {INES},",
        f" {MAYA} {INES}\t",
        f"{MAYA};{INES}; ",
        f"{MAYA}\r\n\r\n{INES}\n",
        f"{MAYA}，{INES}",
        f"{MAYA}\u00a0{INES}",
        f"Maya Okafor <{MAYA}>, Ines Haddad <{INES}>",
        f'"Okafor, Maya" <{MAYA}>; "Haddad, Ines" <{INES}>',
        f"Okafor, Maya <{MAYA}>; Haddad, Ines <{INES}>",
        f"{MAYA} <{MAYA}>\n<{INES}>",
        f"<{MAYA}><{INES}>",
        f"{MAYA}, Ines <{INES}>",
        f"MAYA@Northwind.example {INES} {MAYA}",
    ],
)
def test_pasted_addresses_are_divided_and_freed_of_names(text: str) -> None:
    assert split_addresses(text) == [MAYA, INES]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        (" ,;\n", []),
        (f"nobody {MAYA}", ["nobody", MAYA]),
        (f"nobody\nMaya <{MAYA}>", ["nobody", MAYA]),
        (f"Maya <{MAYA}> nobody", [MAYA, "nobody"]),
        ("<b>@x.example", ["<b>@x.example"]),
        (f"{MAYA}>", [f"{MAYA}>"]),
    ],
)
def test_what_is_no_address_is_kept_to_be_shown(text: str, words: list[str]) -> None:
    assert split_addresses(text) == words


@given(st.text(max_size=200))
def test_what_was_divided_once_stays_as_it_is(text: str) -> None:
    once = split_addresses(text)
    assert [one for one in split_addresses("\n".join(once)) if one not in once] == []


def refusals(text: str) -> list[str]:
    with pytest.raises(ValidationError) as refused:
        AddressesFormField().clean(text)
    return refused.value.messages


def test_the_field_gives_the_addresses() -> None:
    assert AddressesFormField().clean(f"{INES}, {MAYA}, {INES}") == [INES, MAYA]


def test_each_bad_one_of_several_is_named() -> None:
    assert refusals(f"{MAYA} nobody, a@b") == [
        "“nobody” is not an email address. Correct or remove it.",
        "“a@b” is not an email address. Correct or remove it.",
    ]
    assert refusals("nobody") == ["Enter a valid email address."]


def test_nothing_at_all_is_refused() -> None:
    assert refusals(" ,; ") == refusals("") == ["This field is required."]


def test_more_than_fifty_are_refused_with_their_number() -> None:
    fifty = [f"p{number}@x.example" for number in range(50)]
    assert AddressesFormField().clean(" ".join(fifty)) == fifty
    assert refusals(" ".join([*fifty, MAYA])) == [
        "You entered 51 email addresses. Enter at most 50 at once."
    ]


@pytest.mark.parametrize(
    "text", ["new\x00@x.example", "\u202enew@x.example", "@x.example", "x" * 250 + "@x.example"]
)
def test_strange_characters_and_overlong_addresses_are_refused(text: str) -> None:
    assert refusals(text)


@pytest.mark.parametrize("sign", ["<", "@", "<@", "x", "<a ", "<a@ ", "> <"])
def test_a_long_nonsense_is_divided_quickly(sign: str) -> None:
    started = time.perf_counter()
    split_addresses(sign * 20_000)
    assert time.perf_counter() - started < 1
