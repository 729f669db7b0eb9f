"""The reference page: everything of the document, for everybody, from nowhere but here."""

import re

import pytest
from django.test import Client

from console.api.document import document
from tests.support.pages import signed_in
from tests.world import build_world

pytestmark = pytest.mark.django_db
PAGE = "/docs/api/"


def page() -> str:
    answer = Client().get(PAGE)
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_operation_is_on_it_with_a_command() -> None:
    text = page()
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            assert f"<b>{method.upper()}</b> <code>{path}</code>" in text
            assert operation["summary"] in text
            assert f"{path}" in text
    assert text.count("curl http://") == sum(map(len, document()["paths"].values()))


def test_its_links_lead_to_what_is_there() -> None:
    text = page()
    anchors = set(re.findall(r'href="#([\w-]+)"', text))
    assert anchors
    assert anchors <= set(re.findall(r' id="([\w-]+)"', text))


def test_members_of_bodies_and_answers_are_named() -> None:
    text = page()
    for name in ("events[].line_item", "results[].stored.quantity", "api_key.id", "next_cursor"):
        assert f"<code>{name}</code>" in text, name


def test_what_the_document_quotes_is_code() -> None:
    text = page()
    assert "<code>slow_down</code>" in text
    assert "`" not in text


def test_nothing_on_it_comes_from_elsewhere() -> None:
    for address in re.findall(r'(?:src|href)="([^"]+)"', page()):
        assert address.startswith(("/", "#")), address


def test_it_is_reached_by_help_in_the_menu_of_ones_account() -> None:
    browser = signed_in(build_world().member)
    assert 'href="/help/"' in browser.get("/roles/").content.decode()
    assert f'href="{PAGE}"' in browser.get("/help/").content.decode()
