"""The paths of OpenAI's Administration API: each is one of ours, or 404 `not_supported` with the reason."""

import importlib.util
import re
from pathlib import Path

import pytest
from django.test import Client

from console.api.document import document
from console.web.not_supported import UNSUPPORTED, describe_unsupported
from tests.checks.source import ROOT
from tests.keys.helpers.api_client import error_of

PATH = re.compile(r'"(/(?:organization|projects)[^"]*)"')
PARAMETER = re.compile(r"\{\w+\}")
# Of parts that are being built.
AWAITED = re.compile("/v1/organization/(usage/.*|projects/x/(users|api_keys|service_acc).*)")


def read_client_paths() -> set[str]:
    """The paths in the source of the official client, with `x` for each id."""
    spec = importlib.util.find_spec("openai")
    assert spec is not None
    assert spec.origin is not None
    modules = (Path(spec.origin).parent / "resources" / "admin").rglob("*.py")
    paths = {path for module in modules for path in PATH.findall(module.read_text())}
    return {f"/v1{PARAMETER.sub('x', path)}" for path in paths}


def test_each_path_of_the_client_is_ours_or_explained() -> None:
    ours = {PARAMETER.sub("x", path) for path in document()["paths"]}
    paths = read_client_paths()
    assert len(paths) > 70
    unclear = [path for path in paths if (path in ours) == bool(describe_unsupported(path))]
    assert [path for path in unclear if not AWAITED.fullmatch(path)] == []


def test_nothing_of_ours_is_called_unsupported() -> None:
    ours = {PARAMETER.sub("x", path) for path in document()["paths"]}
    assert [path for path in ours if describe_unsupported(path)] == []


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_the_answer_says_what_is_not_supported_and_why(method: str) -> None:
    answer = Client(raise_request_exception=False).generic(method, "/v1/organization/groups")
    assert (answer.status_code, error_of(answer)) == (
        404,
        {
            "message": "Groups are not supported. The console has no groups yet.",
            "type": "not_found_error",
            "param": None,
            "code": "not_supported",
        },
    )


@pytest.mark.parametrize(
    "path",
    [
        "/v1/organization/group",
        "/v1/organization/groupsx",
        "/v1/organization/projects/x/y/groups",
        "/v1/organization",
        "/v1/projects/x",
        "/organization/groups",
        "/v1/organization/roles\nx",
    ],
)
def test_other_paths_are_only_unknown(path: str) -> None:
    assert describe_unsupported(path) == ""


def test_the_documentation_lists_them_all() -> None:
    lines = (ROOT / "docs" / "api.md").read_text().splitlines()
    table = [f"| {entry.name} | {entry.reason} |" for entry in UNSUPPORTED]
    start = lines.index(table[0])
    assert lines[start : start + len(table) + 1] == [*table, ""]


def test_every_reason_is_a_sentence() -> None:
    for entry in UNSUPPORTED:
        assert entry.paths
        assert entry.reason.endswith(".")
