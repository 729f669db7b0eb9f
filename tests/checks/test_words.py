"""Identifiers and prose use the words of docs/glossary.md, and names say what a thing is or does."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checks.source import APPS, ROOT, functions, python_files, tree

# A word that is not used in identifiers, and what is used instead.
REFUSED = {
    "asked": "requested",
    "door": "access control",
    "found": "the name of the thing, or matches",
    "headed": "with_headers",
    "judged": "result",
    "known": "existing, or by_id",
    "meant": "intended",
    "met": "matched",
    "nobody": "no_user",
    "one": "the name of the thing",
    "places": "locations",
    "said": "describe_…",
    "say": "describe_…",
    "settled": "rated",
    "shown": "formatted, or context",
    "somebody": "user",
    "spoken": "format_…",
    "tell": "notify",
    "told": "payload, or context",
    "trail": "audit log",
    "wanted": "requested, or expected",
    "whoever": "user, or caller",
}
# The field's own terms, though a refused word is part of them.
FIELD_TERMS = {"not_found", "in_place"}
# Form fields whose names are part of the pages' contract.
FORM_FIELDS = {"place"}
PROSE = re.compile(
    r"\b(whoever|somebody|nobody|spoken|meanwhile|told|(?:what|that) is none(?=[.,;:])|for what is)\b",
    re.IGNORECASE,
)
PREPOSITIONS = {"at", "by", "from", "in", "into", "of", "on", "to", "with"}
VERBS_WITH_PREPOSITION = ("log_in", "opt_in", "sign_in", "visible_to")
IRREGULAR_PARTICIPLES = {
    "built",
    "drawn",
    "kept",
    "left",
    "made",
    "met",
    "read",
    "sent",
    "shut",
    "taken",
    "written",
}
REGULAR_PARTICIPLE = re.compile(r"[a-z]+(?<!e)ed")
# Names that a framework gives.
SHARED_CLASS_NAMES = {"Command", "Meta", "Config"}


def words(name: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return [word for word in spaced.lower().split("_") if word]


def bound_names(module: ast.Module) -> Iterator[str]:
    """Every name that the module itself chooses: of functions, classes, arguments and variables."""
    for node in ast.walk(module):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case ast.alias(asname=str(name)):
                yield name


def refused_words(module: ast.Module) -> list[str]:
    return sorted(
        {
            f"{name}: {REFUSED[word]} instead of {word}"
            for name in bound_names(module)
            if name.lower().strip("_") not in FIELD_TERMS | FORM_FIELDS
            for word in words(name)
            if word in REFUSED
        }
    )


def methods_that_filter(module: ast.Module) -> set[ast.AST]:
    """Methods of querysets and properties, which describe rows and values: `.archived()`, `.is_on`."""
    described: set[ast.AST] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef) and node.name.endswith(("QuerySet", "Manager")):
            described.update(node.body)
        if isinstance(node, ast.FunctionDef) and any(
            "property" in ast.unparse(decorator) for decorator in node.decorator_list
        ):
            described.add(node)
    return described


def function_names(module: ast.Module) -> Iterator[str]:
    exempt = methods_that_filter(module)
    yield from (function.name for function in functions(module) if function not in exempt)


def is_participle(name: str) -> bool:
    name = name.strip("_")
    return name in IRREGULAR_PARTICIPLES or REGULAR_PARTICIPLE.fullmatch(name) is not None


def ends_in_preposition(name: str) -> bool:
    parts = words(name)
    if name.startswith("clean_"):  # Django names them after a form's field
        return False
    return (
        len(parts) > 1 and parts[-1] in PREPOSITIONS and not name.endswith(VERBS_WITH_PREPOSITION)
    )


def class_names(app: str) -> dict[str, list[str]]:
    """Where the app's top-level classes are, by their name."""
    modules: dict[str, list[str]] = defaultdict(list)
    for path in python_files(app):
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef) and node.name not in SHARED_CLASS_NAMES:
                modules[node.name].append(str(path.relative_to(ROOT)))
    return modules


def prose_files() -> list[Path]:
    pages = [
        path for suffix in ("html", "txt") for path in (ROOT / "templates").rglob(f"*.{suffix}")
    ]
    documents = [*(ROOT / "docs").glob("*.md"), ROOT / "README.md"]
    documents.remove(ROOT / "docs" / "glossary.md")  # names the words that are not used
    return sorted([*python_files(*APPS), *pages, *documents])


PRODUCT = python_files(*APPS)


@pytest.mark.parametrize("path", PRODUCT, ids=lambda path: str(path.relative_to(ROOT)))
def test_names_use_the_words_of_the_glossary(path: Path) -> None:
    assert refused_words(tree(path)) == []


@pytest.mark.parametrize("path", PRODUCT, ids=lambda path: str(path.relative_to(ROOT)))
def test_functions_are_named_by_verbs_with_an_object(path: Path) -> None:
    names = list(function_names(tree(path)))
    assert [name for name in names if is_participle(name)] == []
    assert [name for name in names if ends_in_preposition(name)] == []


@pytest.mark.parametrize("app", APPS)
def test_a_class_name_is_used_once_in_an_app(app: str) -> None:
    assert {name: files for name, files in class_names(app).items() if len(files) > 1} == {}


@pytest.mark.parametrize("path", prose_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_prose_is_plain_english(path: Path) -> None:
    lines = enumerate(path.read_text().splitlines(), 1)
    assert [f"{number}: {line.strip()}" for number, line in lines if PROSE.search(line)] == []


def test_each_rule_catches_its_kind() -> None:
    module = ast.parse(
        "def told(): one = 1\ndef rows_of(found): pass\nclass SpokenLine: not_found = 1"
    )
    assert len(refused_words(module)) == 4
    assert [name for name in function_names(module) if ends_in_preposition(name)] == ["rows_of"]
    assert is_participle("asked")
    assert not is_participle("heed")
    assert not ends_in_preposition("sign_in")
    assert PROSE.search("None for whoever is signed out")
