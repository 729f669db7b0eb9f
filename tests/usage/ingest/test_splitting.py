"""A body is taken apart in work that grows with its length, not with its square."""

from typing import Any

import pytest

from usage.ingest.events import LARGEST_BATCH
from usage.ingest.splitting import BodySplitter, split_body

LENGTH = 100_000  # bytes; a tenth of the largest body


class CountingBytes(bytes):
    """A body that counts the bytes that are copied from it."""

    copied = 0

    def __getitem__(self, key: Any) -> Any:
        part = super().__getitem__(key)
        if isinstance(key, slice):
            self.copied += len(part)
        return part


def repeat(beginning: bytes, part: bytes, end: bytes) -> bytes:
    return beginning + part * (LENGTH // len(part)) + end


BODIES = [
    pytest.param(repeat(b'{"events":[[', b"[],", b"1]]}"), id="lists in one record"),
    pytest.param(repeat(b'{"events":[[', b"{},", b"1]]}"), id="objects in one record"),
    pytest.param(repeat(b'{"events":[', b"[],", b"1]}"), id="records"),
    pytest.param(repeat(b'{"other":[', b"[],", b"1]}"), id="another list"),
    pytest.param(repeat(b'{"events":1,"a":', b"[]", b"}"), id="lists without a name"),
    pytest.param(repeat(b'{"events":x', b"[]", b"}"), id="lists behind what is no list"),
    pytest.param(repeat(b'{"events"' + b" " * LENGTH, b"[]", b"}"), id="lists behind space"),
    pytest.param(repeat(b"{", b'"events":{},', b'"events":[1]}'), id="the name again"),
    pytest.param(repeat(b"", b"[]", b""), id="no object"),
]


@pytest.mark.parametrize("content", BODIES)
def test_each_byte_is_copied_a_few_times_at_most(content: bytes) -> None:
    body = CountingBytes(content)
    BodySplitter(body, "events").split()
    assert body.copied <= 4 * len(body)


def test_no_more_records_are_taken_than_show_that_there_are_too_many() -> None:
    for number in (LARGEST_BATCH, LARGEST_BATCH + 1, 5 * LARGEST_BATCH):
        parts = split_body(b'{"events":[%s1]}' % (b"[]," * (number - 1)), "events")
        assert parts
        assert len(parts.records) == min(number, LARGEST_BATCH + 1)
