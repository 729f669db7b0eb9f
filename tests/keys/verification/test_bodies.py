"""What gateways post is read as every JSON reader reads it, or refused."""

import pytest

from tests.keys.helpers.gateway_client import post
from tests.world import World

pytestmark = pytest.mark.django_db
OTHER_ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig")


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (" ", "application/json", 400),
        ("{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        *(('{"key": "pk_x"}'.encode(name), "application/json", 400) for name in OTHER_ENCODINGS),
        ('{"key": "pk_x", "key": "pk_y"}', "application/json", 400),
        ('{"key": "pk_x", "\\u006bey": "pk_y"}', "application/json", 400),
        ('{"key": "pk_x", "more": [{"a": 1, "b": 2, "a": 1}]}', "application/json", 400),
        ('{"key": "pk_x", "more": NaN}', "application/json", 400),
        ("[" * 4000, "application/json", 400),
        ("[]", "application/json", 422),
        ("null", "application/json", 422),
        ("{}", "application/json", 422),
        ('{"key": null}', "application/json", 422),
        ('{"key": 7}', "application/json", 422),
        ('{"key": ["pk_x"]}', "application/json", 422),
        ('{"key": "pk_x"}', "text/plain", 415),
        ("key=pk_x", "application/x-www-form-urlencoded", 415),
        ('{"key": "' + "x" * 5000 + '"}', "application/json", 413),
    ],
)
def test_a_body_that_cannot_be_used_is_refused_with_a_reason(
    world: World, credential: str, body: str, content_type: str, status: int
) -> None:
    answer = post(body, credential, content_type=content_type)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]
    assert answer.json()["error"]["param"] == ("key" if status == 422 else None)
    assert post(body, "x", content_type=content_type).status_code == 401


def test_more_fields_and_a_charset_are_no_error(world: World, credential: str) -> None:
    body = f'{{"key": "{world.key_secret}", "ip": "127.0.0.1"}}'
    answer = post(body, credential, content_type="application/json; charset=utf-8")
    assert answer.json()["code"] == "valid"
