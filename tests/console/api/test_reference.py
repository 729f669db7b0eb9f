"""The reference: each operation of the document on a page of its own, for everyone, from nowhere but here."""

import ast
import inspect
import re
from functools import reduce

import openai
import pytest
from django.test import Client

from console.api.document import document
from console.api.reference.client import CLIENT_METHODS
from console.api.reference.entries import list_groups
from tests.support.pages import own_queries, queries, signed_in
from tests.world import build_world

pytestmark = pytest.mark.django_db
PAGE = "/docs/api/"
ENTRIES = [entry for group in list_groups() for entry in group.entries]


def read_page(slug: str = "", browser: Client | None = None) -> str:
    answer = (browser or Client()).get(f"{PAGE}{slug}/" if slug else PAGE)
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_operation_has_a_page_with_its_commands() -> None:
    operations = [
        (path, method, operation)
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    ]
    assert len({entry.slug for entry in ENTRIES}) == len(operations)
    for path, method, operation in operations:
        text = read_page(operation["operationId"].replace("_", "-"))
        assert f"<b>{method.upper()}</b> <code>{path}</code>" in text
        assert f">{operation['summary']}</h1>" in text
        assert text.count("curl ") == 1
        assert "import " in text
        assert "`" not in text


def test_no_page_has_an_unknown_name() -> None:
    assert Client().get(f"{PAGE}no-such-thing/").status_code == 404


def test_the_introduction_and_each_menu_lead_to_all_operations() -> None:
    expected = {f"{PAGE}{entry.slug}/" for entry in ENTRIES}
    for text in (read_page(), read_page(ENTRIES[0].slug)):
        assert expected <= set(re.findall(r'href="([^"]+)"', text))


def test_members_of_bodies_and_answers_are_named() -> None:
    text = read_page("api-usage-events") + read_page("api-whoami") + read_page("api-billing-usage")
    for name in ("events[].line_item", "results[].stored.quantity", "api_key.id", "next_cursor"):
        assert f"<code>{name}</code>" in text, name
    assert "<code>slow_down</code>" in read_page("oauth-token")


def test_nothing_on_it_comes_from_elsewhere() -> None:
    for text in (read_page(), read_page(ENTRIES[0].slug)):
        for address in re.findall(r'(?:src|href)="([^"]+)"', text):
            assert address.startswith(("/", "#")), address


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.slug)
def test_python_is_a_call_that_the_client_takes(entry: object) -> None:
    python: str = entry.python  # type: ignore[attr-defined]
    calls = [node for node in ast.walk(ast.parse(python)) if isinstance(node, ast.Call)]
    name = entry.slug.replace("-", "_")  # type: ignore[attr-defined]
    if name not in CLIENT_METHODS:
        assert "httpx." in python
        return
    client = openai.OpenAI(base_url="http://localhost/v1", admin_api_key="ak")
    method = reduce(getattr, CLIENT_METHODS[name].split("."), client.admin.organization)
    (call,) = (node for node in calls if ast.unparse(node.func).startswith("client.admin."))
    assert ast.unparse(call.func) == f"client.admin.organization.{CLIENT_METHODS[name]}"
    arguments = [ast.literal_eval(argument) for argument in call.args]
    named = {word.arg: ast.literal_eval(word.value) for word in call.keywords if word.arg}
    inspect.signature(method).bind(*arguments, **named)


def test_examples_have_the_ids_of_the_reader() -> None:
    world = build_world()
    text = read_page("api-project-keys-post", signed_in(world.member))
    assert f"/v1/organization/projects/{world.default.public_id}/api_keys" in text
    assert world.default.public_id not in read_page("api-project-keys-post")


def test_it_is_in_the_frame_for_those_who_are_signed_in() -> None:
    browser = signed_in(build_world().member)
    assert "Search or jump to" in read_page("", browser)
    assert "Search or jump to" not in read_page()
    assert 'href="/help/"' in browser.get("/roles/").content.decode()
    assert f'href="{PAGE}"' in browser.get("/help/").content.decode()


def test_it_takes_few_queries() -> None:
    browser = signed_in(build_world().member)
    read_page("api-costs", browser)
    with queries() as captured:
        read_page("api-costs", browser)
    assert len(own_queries(captured)) <= 9
