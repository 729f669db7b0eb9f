"""Cursors say nothing of the rows that they lead to, and only the console makes them."""

import base64
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import Settings

from accounts.web.cursors import decode_cursor, encode_cursor
from tests.support.pages import members, signed_in
from tests.world import World, build_world

VALUES = ("2026-11-30T08:00:00+00:00", 41_234)


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_a_cursor_holds_its_values_and_shows_none() -> None:
    cursor = encode_cursor(*VALUES)
    assert decode_cursor(cursor) == list(VALUES)
    assert cursor.replace("-", "").replace("_", "").isalnum()
    assert not any(part in decoded(cursor) for part in (b"2026", b"41234"))
    assert encode_cursor(*VALUES) == cursor  # so that the same page has the same links
    assert encode_cursor(VALUES[0], 41_235)[:20] != cursor[:20]


@pytest.mark.parametrize("position", [0, 5, 30, -1])
def test_a_changed_cursor_is_none(position: int) -> None:
    cursor = list(encode_cursor(*VALUES))
    cursor[position] = "A" if cursor[position] != "A" else "B"
    with pytest.raises(ValueError, match="not a cursor"):
        decode_cursor("".join(cursor))


@pytest.mark.parametrize("text", ["", "x", "WyJ4IiwxXQ", "é", "=", "\x00", "A" * 22, "A" * 60])
def test_other_texts_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        decode_cursor(text)
    for more in ("x", "=", " "):
        with pytest.raises(ValueError, match=r".*"):
            decode_cursor(encode_cursor(*VALUES) + more)


def test_a_cursor_of_another_installation_is_none(settings: Settings) -> None:
    cursor = encode_cursor(*VALUES)
    settings.SECRET_KEY = "another " * 8
    with pytest.raises(ValueError, match="not a cursor"):
        decode_cursor(cursor)


@pytest.mark.django_db
def test_links_of_pages_carry_no_primary_keys() -> None:
    world: World = build_world()
    members(world.organization, 60, "more")
    answer: Any = signed_in(world.owner).get(reverse("members", args=[world.organization.slug]))
    page = answer.context["page"]
    cursor = page.next_url.partition("after=")[2]
    assert str(page.rows[-1].pk).encode() not in decoded(cursor)
    assert decode_cursor(cursor)[1] == page.rows[-1].pk
    following = signed_in(world.owner).get(answer.request["PATH_INFO"] + page.next_url)
    assert following.context["page"].number == 2
    old = base64.urlsafe_b64encode(b'["a", 1]').decode().rstrip("=")
    path = answer.request["PATH_INFO"]
    assert signed_in(world.owner).get(path, {"page": 2, "after": old}).status_code == 400
