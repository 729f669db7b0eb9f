"""Names, slugs, addresses and tokens: what people may type, and that two spellings are never two things."""

import re
import unicodedata
from itertools import islice

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts.crypto.tokens import add_checksum, compute_mac, has_checksum
from accounts.email_addresses import normalize_email
from accounts.fields import ALPHABET, ID_LENGTH, random_text
from accounts.forms import AddressFormField, NameFormField, SlugFormField
from accounts.models import Invitation, User
from accounts.models.invitation import TOKEN_LENGTH, Link
from accounts.organizations.slugs import slugify_name, suggest_slugs
from accounts.validators import (
    RESERVED_SLUGS,
    normalize_name,
    validate_name,
    validate_slug,
)
from tests.world import World, person

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
text = st.text(max_size=120)


def is_slug(value: str) -> bool:
    try:
        validate_slug(value)
    except ValidationError:
        return False
    return True


@given(text)
def test_a_name_that_was_normalised_stays_as_it_is(value: str) -> None:
    once = normalize_name(value)
    assert normalize_name(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert once == once.strip()
    assert "  " not in once


@given(text)
def test_no_accepted_name_holds_anything_invisible(value: str) -> None:
    try:
        name = NameFormField().clean(value)
    except ValidationError:
        return
    assert 1 <= len(name) <= 100
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Co") for c in name)
    assert not set(name) & set(
        "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
    )
    assert name.replace("\u200d", "").strip()


@pytest.mark.parametrize(
    "name", ["Zoë", "Łukasz", "李明", "نور", "O'Neill & Söhne", "👩‍🚀 Crew", "a"]
)
def test_names_of_people_everywhere_are_fine(name: str) -> None:
    assert NameFormField().clean(f"  {name} ") == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    "name",
    ["", "   ", "\x00", "a\x07b", "ad\u202emin", "ad\u200bmin", "\u200d", "x" * 101, "\ud800"],
)
def test_empty_invisible_bidirectional_and_endless_names_are_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        NameFormField().clean(name)


def test_decomposed_and_composed_spellings_are_one_name() -> None:
    assert NameFormField().clean("Zoe\u0308") == NameFormField().clean("Zo\u00eb")


@given(text)
def test_a_slug_made_of_any_name_is_empty_or_a_slug(value: str) -> None:
    slug = slugify_name(value)
    assert not slug or (is_slug(slug) and SLUG.fullmatch(slug) and len(slug) <= 40)


@given(text)
def test_suggested_slugs_are_valid_different_and_never_reserved(value: str) -> None:
    first = list(islice(suggest_slugs(value, "project"), 8))
    assert len(set(first)) == len(first)
    assert all(SLUG.fullmatch(slug) and len(slug) <= 60 for slug in first)
    assert not set(first) & RESERVED_SLUGS


@given(st.text(alphabet="ab0-_A é\n", max_size=12))
def test_what_counts_as_a_slug_is_what_the_pattern_says(value: str) -> None:
    assert is_slug(value) == bool(SLUG.fullmatch(value))


@pytest.mark.parametrize("slug", ["admin", "api", "settings", "new", "support", "www", "null"])
def test_words_that_pass_for_the_platform_itself_are_reserved(slug: str) -> None:
    with pytest.raises(ValidationError):
        SlugFormField().clean(slug)


def test_a_slug_field_may_be_left_empty() -> None:
    assert SlugFormField().clean("") == ""


@given(text)
def test_an_address_that_was_normalised_stays_as_it_is(value: str) -> None:
    once = normalize_email(value)
    assert normalize_email(once) == once


@given(st.emails())
def test_the_case_of_an_address_makes_no_difference(address: str) -> None:
    assert normalize_email(address.upper()) == normalize_email(address.lower())


@pytest.mark.parametrize(
    "spelling",
    ["ANA@Example.org", " ana@example.org ", "ａｎａ@example.org", "ana@ｅxample.org"],
)
def test_every_spelling_of_an_address_is_one_address(spelling: str) -> None:
    assert AddressFormField().clean(spelling) == "ana@example.org"


@pytest.mark.django_db
def test_two_spellings_of_an_address_are_one_account() -> None:
    ana = person("Ana@Example.org")
    ana.refresh_from_db()
    assert ana.email == "ana@example.org"
    assert User.objects.get_by_natural_key("ＡNA@example.ORG") == ana
    assert User.objects.filter(email="ANA@EXAMPLE.ORG").exists()


@given(st.text(max_size=80))
def test_a_checksum_is_found_again(body: str) -> None:
    try:
        body.encode()
    except UnicodeEncodeError:
        return
    assert has_checksum(add_checksum(body))


@given(st.text(alphabet=ALPHABET, min_size=10, max_size=60), st.data())
def test_a_single_wrong_character_breaks_the_checksum(body: str, data: st.DataObject) -> None:
    token = add_checksum(body)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from([c for c in ALPHABET if c != token[place]]))
    assert not has_checksum(token[:place] + other + token[place + 1 :])


@given(st.text())
def test_checking_any_text_whatever_never_fails(value: str) -> None:
    assert has_checksum(value) in (True, False)


@given(st.lists(st.text(alphabet=ALPHABET), min_size=1, max_size=4))
def test_a_mac_is_43_base62_characters_and_always_the_same(parts: list[str]) -> None:
    assert re.fullmatch(r"[0-9A-Za-z]{43}", compute_mac(*parts))
    assert compute_mac(*parts) == compute_mac(*parts)
    assert compute_mac(*parts) != compute_mac(*parts, "x")


def test_random_texts_do_not_repeat() -> None:
    assert len({random_text() for _ in range(2000)}) == 2000
    assert {len(random_text()) for _ in range(10)} == {ID_LENGTH}


def test_the_two_links_of_an_invitation_are_two_secrets_that_nothing_stores(world: World) -> None:
    mailed, copied = (world.invitation.token(link) for link in Link)
    assert mailed != copied
    assert re.fullmatch(r"inv_[0-9A-Za-z]{69}", mailed)
    assert len(mailed) == TOKEN_LENGTH
    stored = str(Invitation.objects.filter(pk=world.invitation.pk).values().get())
    assert mailed[24:] not in stored
    assert copied[24:] not in stored


@pytest.mark.django_db
@given(st.text(max_size=100))
def test_no_other_text_finds_an_invitation(value: str) -> None:
    assert Invitation.objects.by_token(value) is None


def test_validate_name_says_which_character_to_remove() -> None:
    with pytest.raises(ValidationError, match=r"U\+202E"):
        validate_name("ad\u202emin")
