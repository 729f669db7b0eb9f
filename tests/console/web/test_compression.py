"""Compression: large pages travel small, errors stay the same bytes, streams keep streaming."""

import gzip
import re
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory
from django.urls import reverse

from console.web.compression import CompressionMiddleware
from tests.support.pages import crowd, signed_in
from tests.world import build_world

ACCEPTS = {"accept-encoding": "gzip, deflate, br"}
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"')


def through(answer: HttpResponseBase, **headers: str) -> Any:
    request = RequestFactory().get("/", headers=headers or ACCEPTS)
    return CompressionMiddleware(lambda request: answer)(request)


@pytest.mark.django_db
def test_fifty_people_are_the_same_page_in_a_tenth_of_the_bytes() -> None:
    world = build_world()
    crowd(world.research, 50)
    client, path = signed_in(world.owner), reverse("collaborators", args=[world.research.slug])
    plain, small = client.get(path), client.get(path, headers=ACCEPTS)
    assert "Content-Encoding" not in plain
    assert small["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in plain["Vary"]
    assert "Accept-Encoding" in small["Vary"]
    assert len(small.content) * 10 < len(plain.content)
    assert len(small.content) < 30_000
    assert TOKEN.sub(b"", gzip.decompress(small.content)) == TOKEN.sub(b"", plain.content)


@pytest.mark.django_db
def test_a_404_is_the_same_bytes_whatever_is_accepted() -> None:
    world = build_world()
    client = signed_in(world.stranger)
    address = reverse("collaborators", args=[world.research.slug])
    pages = {
        client.get(path, headers=headers).content
        for path in (address, "/no/such/thing/")
        for headers in (ACCEPTS, {})
    }
    assert len(pages) == 1


def test_the_length_of_an_answer_does_not_tell_what_is_in_it() -> None:
    lengths = {len(through(HttpResponse(b"the same answer " * 200)).content) for _ in range(30)}
    assert len(lengths) > 1


@pytest.mark.parametrize(
    "answer",
    [
        HttpResponse(b"x" * 1000),
        HttpResponse(b"x" * 5000, status=404),
        HttpResponse(b"x" * 5000, content_type="font/woff2"),
    ],
    ids=["small", "an error", "another type"],
)
def test_other_answers_go_out_as_they_are(answer: HttpResponse) -> None:
    before = answer.content
    assert through(answer).content == before
    assert "Content-Encoding" not in answer


def test_a_stream_is_read_no_faster_than_it_is_sent() -> None:
    taken = []

    def rows() -> Iterator[bytes]:
        for number in range(200_000):
            taken.append(number)
            yield f"{number * 7919 % 100_003},row\n".encode()

    answer = through(StreamingHttpResponse(rows(), content_type="text/csv"))
    sent = iter(answer.streaming_content)
    inflate = zlib.decompressobj(wbits=31)
    first = b""
    while not first:
        first = inflate.decompress(next(sent))
    assert first.startswith(b"0,row\n")
    assert len(taken) < 100_000
    rest = b"".join(inflate.decompress(piece) for piece in sent)
    assert (first + rest).count(b"\n") == 200_000
