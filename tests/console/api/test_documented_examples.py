"""The examples of docs/api.md are true: each command is run, and answered as it stands below it."""

import json
import re
import shlex
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from accounts.actors import Actor
from keys.api_keys.services import revoke_key
from keys.formats import Prefix, new_secret
from tests.checks.source import ROOT
from tests.keys.helpers.personal_tokens import made
from tests.support.openapi_contract import documented
from tests.usage.helpers.event_client import pipe, rfc_3339
from tests.world import World, build_world, issued

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
KEY_ID, TIME = "key_vnC7r4WnjSde9KMrZBXu", "2026-11-23T08:15:30.123456Z"
# What an example says of these is said in every world; of other members the kind alone.
TOLD = {"object", "type", "valid", "code", "accepted", "duplicate", "rejected", "status", "reason"}


@dataclass(frozen=True)
class Example:
    """A command and what it is answered; `headers` are those that the document shows."""

    command: str
    status: int
    headers: dict[str, str]
    body: Any


def examples() -> list[Example]:
    blocks = BLOCK.findall((ROOT / "docs" / "api.md").read_text())
    return [
        answered(command, *below) for (kind, command), below in pairwise(blocks) if kind == "sh"
    ]


def answered(command: str, kind: str, text: str) -> Example:
    if kind == "json":
        return Example(command, 200, {}, json.loads(text))
    assert kind == "http", f"no answer below {command}"
    head, _, body = text.partition("\n\n")
    status, *lines = head.strip().split("\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return Example(command, int(status.split()[1]), headers, json.loads(body) if body else None)


def run(command: str, words: dict[str, str]) -> Any:
    """The answer to a command of curl."""
    for word, value in words.items():
        command = command.replace(word, value)
    program, *rest = shlex.split(command)
    assert program == "curl"
    sent: dict[str, list[str]] = {"-H": [], "-d": [], "": []}
    option = ""
    for one in rest:
        if one in ("-H", "-d"):
            option = one
        elif one != "-i":
            sent[option].append(one)
            option = ""
    headers = dict(line.split(": ", 1) for line in sent["-H"])
    parts = urlsplit(sent[""][0])
    kind = headers.pop("Content-Type", "application/json")
    return documented(
        Client(raise_request_exception=False).generic(
            "POST" if sent["-d"] else "GET",
            f"{parts.path}?{parts.query}",
            "".join(sent["-d"]),
            content_type=kind,
            headers=headers,
        )
    )


def same_form(told: Any, found: Any, name: str = "") -> bool:
    """Whether both have the same members of the same kinds, and say the same where that is fixed."""
    if isinstance(told, dict):
        return (
            isinstance(found, dict)
            and set(told) == set(found)
            and all(same_form(told[key], found[key], key) for key in told)
        )
    if isinstance(told, list):
        return isinstance(found, list) and all(
            same_form(one, other) for one, other in zip(told, found, strict=True)
        )
    return told == found if name in TOLD else type(told) is type(found)


def words_of(world: World) -> dict[str, str]:
    """What the variables of the examples stand for; the longer names first."""
    revoked = issued(world.research, world.owner, "revoked")
    revoke_key(actor=Actor.of_user(world.owner), key=revoked.key)
    return {
        "$REVOKED_KEY": revoked.secret,
        "$UNKNOWN_KEY": new_secret(Prefix.PROJECT_KEY),
        "$CREDENTIAL": pipe(world),
        "$TOKEN": made(world.member, world.organization).secret,
        "$KEY": world.key_secret,
        KEY_ID: world.key.public_id,
        TIME: rfc_3339(timezone.now()),
    }


@pytest.mark.django_db
def test_every_example_is_answered_as_the_document_says() -> None:
    words = words_of(build_world())
    for example in examples():
        answer = run(example.command, words)
        assert answer.status_code == example.status, (example.command, answer.content)
        for name, value in example.headers.items():
            fixed = name in ("Content-Type", "Cache-Control", "Content-Length", "WWW-Authenticate")
            assert answer[name] == value if fixed else name in answer.headers, name
        if example.body is None:
            assert answer.content == b""
        else:
            assert same_form(example.body, answer.json()), (example.command, answer.json())


def test_every_command_has_its_answer_below_it() -> None:
    text = (ROOT / "docs" / "api.md").read_text()
    assert len(examples()) == text.count("curl ") >= 10
    assert text.count("```sh") == len(examples())
