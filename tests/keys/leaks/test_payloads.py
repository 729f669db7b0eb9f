"""Entries of a report are read one by one, so that a bad one costs only itself, and else as their struct."""

import json
from typing import Any

import msgspec
import pytest

from keys.leaks.payloads import Feedback, LeakedSecret
from tests.keys.helpers.leak_reporter import found

ENTRIES: list[dict[str, Any]] = [
    found("pk_x"),
    {"token": "pk_x"},
    found("pk_x", more=[1, {}]),
    {"url": "https://x.example/"},
    {"token": None},
    {"token": 7},
    {},
]


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_entry_is_read_as_its_struct_reads_it(entry: dict[str, Any]) -> None:
    try:
        secret = msgspec.json.decode(json.dumps(entry), type=LeakedSecret)
    except msgspec.ValidationError:
        assert LeakedSecret.of_entry(entry) is None
    else:
        assert LeakedSecret.of_entry(entry) == secret


def test_members_that_are_not_text_do_not_count() -> None:
    assert LeakedSecret.of_entry(found("pk_x", url=7, type=None)) == LeakedSecret(
        "pk_x", source="content"
    )
    assert LeakedSecret.of_entry({"token": ""}) is None


def test_feedback_reads_back_as_it_was_written() -> None:
    feedback = Feedback("0" * 64, "console_key", "true_positive")
    assert msgspec.convert(msgspec.to_builtins(feedback), Feedback) == feedback
