"""The formats of secrets, as docs/secret-formats.md publishes them: typos and random texts never pass."""

import random
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accounts.crypto.masking import mask_secrets
from accounts.crypto.tokens import add_checksum, encode_base62, has_checksum
from accounts.fields import ALPHABET
from accounts.models import Invitation
from accounts.models.invitation import Link
from keys.formats import (
    Prefix,
    is_access_token,
    is_api_key,
    is_credential,
    is_secret,
    make_hint,
    new_secret,
)
from tests.keys.helpers.gateway_client import auth

DOCUMENT = (Path(__file__).parents[2] / "docs" / "secret-formats.md").read_text()
PROGRAM = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)[0]
SCANNER = re.compile(re.findall(r"^    (\(\?<!.*)$", DOCUMENT, re.MULTILINE)[0])
EXAMPLE = re.findall(r"^    (pk_\w{49})$", DOCUMENT, re.MULTILINE)[0]
KINDS = {
    "project key": lambda: new_secret(Prefix.PROJECT_KEY),
    "default key": lambda: new_secret(Prefix.DEFAULT_KEY),
    "credential": lambda: new_secret(Prefix.CREDENTIAL),
    "access token": lambda: new_secret(Prefix.LOGIN),
    "project token": lambda: new_secret(Prefix.PROJECT),
    "refresh token": lambda: new_secret(Prefix.REFRESH),
    "personal token": lambda: new_secret(Prefix.PERSONAL),
    "device code": lambda: new_secret(Prefix.DEVICE),
    "invitation": lambda: Invitation().token(Link.MAILED),
}


def passes(text: str) -> bool:
    """Whether any part of the console would ask the database about `text`."""
    with CaptureQueriesContext(connection) as captured:
        matched = Invitation.objects.by_token(text) is not None
    of_people = any(
        is_secret(one, text) for one in (Prefix.REFRESH, Prefix.DEVICE, Prefix.PERSONAL)
    )
    known = is_api_key(text) or is_credential(text) or is_access_token(text) or of_people
    return known or matched or len(captured) > 0


def answers(texts: list[str]) -> list[bool]:
    """What the published program says of them, run as its reader would run it."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input="\n".join(texts),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return [line == "secret" for line in done.stdout.splitlines()]


def substituted(text: str, place: int, letter: str) -> str:
    return text[:place] + letter + text[place + 1 :]


def inserted(text: str, place: int, letter: str) -> str:
    return text[:place] + letter + text[place:]


def deleted(text: str, place: int, letter: str) -> str:
    return text[:place] + text[place + 1 :]


def exchanged(text: str, place: int, letter: str) -> str:
    return text[:place] + text[place : place + 2][::-1] + text[place + 2 :]


TYPOS: list[Callable[[str, int, str], str]] = [substituted, inserted, deleted, exchanged]
LETTERS = st.one_of(st.sampled_from(ALPHABET + "_- "), st.characters())


@pytest.mark.django_db
@given(
    kind=st.sampled_from(list(KINDS)), typo=st.sampled_from(TYPOS), place=st.integers(0, 72),
    letter=LETTERS,
)  # fmt: skip
def test_a_typo_never_passes(
    kind: str, typo: Callable[[str, int, str], str], place: int, letter: str
) -> None:
    secret = KINDS[kind]()
    mistyped = typo(secret, place % len(secret), letter)
    assert passes(mistyped) == (mistyped == secret)


def typos(number: int) -> Iterator[str]:
    """Secrets with one typo of each sort in turn; those that happen to change nothing are left out."""
    letters = random.Random(4)
    makers = list(KINDS.values())
    made = 0
    while made < number:
        secret = makers[made % 4]()
        typo = TYPOS[made // 4 % 4]
        mistyped = typo(secret, letters.randrange(len(secret)), letters.choice(ALPHABET))
        if mistyped != secret:
            made += 1
            yield mistyped


def random_texts(number: int) -> Iterator[str]:
    """Texts of the right form whose body and checksum are random."""
    letters = random.Random(5)
    for _ in range(number):
        kind = letters.choice(["pk_", "dk_", "sc_", "inv_"])
        yield kind + "".join(letters.choices(ALPHABET, k=69 if kind == "inv_" else 49))


@pytest.mark.django_db
@pytest.mark.parametrize("texts", [typos, random_texts])
def test_none_of_many_wrong_texts_passes(
    texts: Callable[[int], Iterator[str]], long_run: bool
) -> None:
    number = 200_000 if long_run else 5_000
    passed = [text for text in texts(number) if passes(text)]
    print(f"{texts.__name__}: {len(passed)} of {number} passed")
    assert passed == []


@pytest.mark.django_db
@pytest.mark.parametrize("texts", [typos, random_texts])
def test_none_of_many_wrong_texts_costs_a_query(
    texts: Callable[[int], Iterator[str]], long_run: bool
) -> None:
    number = 200_000 if long_run else 500
    with CaptureQueriesContext(connection) as captured:
        statuses = {auth(text).status_code for text in texts(number)}
    print(f"{texts.__name__}: {len(captured)} queries for {number} requests to /v1/auth")
    assert (statuses, len(captured)) == ({401}, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_the_published_pattern_and_program_know_every_kind(kind: str) -> None:
    secrets = [KINDS[kind]() for _ in range(50)]
    for secret in secrets:
        assert SCANNER.findall(f'KEY="{secret}", {secret}\n') == [secret] * 2
        assert not SCANNER.findall(f"a{secret}") + SCANNER.findall(f"{secret}0")
    assert answers(secrets) == [True] * 50
    assert answers([secret[:-1] + "-" for secret in secrets]) == [False] * 50


def test_the_published_program_agrees_with_the_console() -> None:
    texts = [*typos(2_000), *random_texts(1_000), EXAMPLE, "", "pk_", "pk_" + "0" * 49]
    assert answers([text for text in texts if text.isprintable()]).count(True) == 1
    assert answers([EXAMPLE]) == [is_api_key(EXAMPLE)] == [True]
    assert len(PROGRAM.strip().splitlines()) <= 15


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_masked_wherever_it_stands_whole_or_cut(kind: str) -> None:
    secret = KINDS[kind]()
    core = secret[8:24]
    for text in (
        secret, f"GET /x?key={secret}&b=1", f"next=%2Fx%3Fkey%3D{secret}", f"api_key_{secret}",
        f"\\n{secret}\\u2026{secret}", f"7{secret}", f"A{secret}", f"{secret}{secret}",
        secret.replace("_", "%5F"), secret.replace("_", "%5f"), secret[:-1], secret[:40],
        deleted(secret, 30, ""), inserted(secret, 30, "x"),
    ):  # fmt: skip
        assert core in text
        assert core not in mask_secrets(text)


def test_ids_hints_and_words_are_not_masked() -> None:
    secret = new_secret(Prefix.PROJECT_KEY)
    for text in (
        Invitation().public_id, "key_" + "a" * 20, "proj_" + "Z" * 20, make_hint(secret),
        "a_perfectly_usual_name_of_a_function", "f" * 64,
    ):  # fmt: skip
        assert mask_secrets(text) == text


@given(st.integers(0, 2**32 - 1))
def test_a_checksum_has_six_digits_and_one_form(number: int) -> None:
    text = encode_base62(number, 6)
    assert len(text) == 6
    assert (
        sum(ALPHABET.index(digit) * 62**place for place, digit in enumerate(text[::-1])) == number
    )


def test_exchanging_the_last_random_character_with_the_first_of_the_checksum_never_passes() -> None:
    """The one typo that changes both parts at once, for all pairs: see the sizes of the numbers.

    The first digit of a CRC is at most 4, so both characters are from 0 to 4, and the checksum has
    to change by a multiple of 62**5, of 32 therefore. What the CRC changes by depends on the two
    characters alone and is odd, or a multiple of 8 at most.
    """
    for last in "01234":
        for first in set("01234") - {last}:
            one = add_checksum(f"pk_{'0' * 42}{last}")
            other = add_checksum(f"pk_{'0' * 42}{first}")
            crcs = [
                sum(ALPHABET.index(d) * 62**i for i, d in enumerate(text[-6:][::-1]))
                for text in (one, other)
            ]
            assert (crcs[0] ^ crcs[1]) % 32 != 0


def test_a_checksum_covers_the_prefix() -> None:
    secret = new_secret(Prefix.PROJECT_KEY)
    assert has_checksum(secret)
    assert not has_checksum("dk_" + secret[3:])
