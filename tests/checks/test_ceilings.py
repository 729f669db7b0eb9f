"""Ceilings on size: what grows past them is two things. (Complexity is ruff's part.)"""

import ast
from collections import Counter
from pathlib import Path

import pytest

from tests.checks.source import APPS, ROOT, functions, python_files, tree, view_files

FUNCTION_LINES, VIEW_LINES, POSITIONAL = 40, 25, 5
PYTHON_LINES, TEMPLATE_LINES, PAGE_LINES, CSS_LINES = 300, 100, 80, 500
FOLDER_FILES = 17


def long_functions(module: ast.Module, ceiling: int) -> list[str]:
    sizes = ((f.name, (f.end_lineno or f.lineno) - f.lineno + 1) for f in functions(module))
    return [f"{name}: {size} lines" for name, size in sizes if size > ceiling]


def crowded_functions(module: ast.Module) -> list[str]:
    """Functions with more than five positional arguments, `self` and `cls` not counted."""
    return [
        function.name
        for function in functions(module)
        if len(
            {arg.arg for arg in function.args.posonlyargs + function.args.args} - {"self", "cls"}
        )
        > POSITIONAL
        and not function.name.startswith("test_")
    ]


def template_ceiling(text: str) -> int:
    """A page extends something; what it is made of does not, and may be a little longer."""
    return PAGE_LINES if text.lstrip().startswith("{% extends") else TEMPLATE_LINES


def long_files(paths: list[Path], ceiling: int) -> list[str]:
    sizes = ((path, len(path.read_text().splitlines())) for path in paths)
    return [f"{path}: {size} lines" for path, size in sizes if size > ceiling]


def crowded_folders(paths: list[Path], ceiling: int) -> list[str]:
    sizes = Counter(path.parent for path in paths)
    return [f"{folder}: {size} files" for folder, size in sizes.items() if size > ceiling]


ALL_PYTHON = python_files(*APPS, "tests", "bench", "bin", "deploy")


@pytest.mark.parametrize("path", ALL_PYTHON, ids=lambda path: str(path.relative_to(ROOT)))
def test_functions_are_short_and_take_few_positional_arguments(path: Path) -> None:
    assert long_functions(tree(path), FUNCTION_LINES) == []
    assert crowded_functions(tree(path)) == []


def test_views_are_shorter_still() -> None:
    assert [name for path in view_files() for name in long_functions(tree(path), VIEW_LINES)] == []


def test_files_are_short() -> None:
    templates = sorted(path for path in (ROOT / "templates").rglob("*.*") if path.suffix != ".txt")
    pages = [path for path in templates if template_ceiling(path.read_text()) == PAGE_LINES]
    assert long_files(ALL_PYTHON, PYTHON_LINES) == []
    assert long_files(templates, TEMPLATE_LINES) == []
    assert long_files(pages, PAGE_LINES) == []
    assert long_files(sorted((ROOT / "static").rglob("*.css")), CSS_LINES) == []


def test_folders_of_apps_hold_few_files() -> None:
    assert crowded_folders(python_files(*APPS), FOLDER_FILES) == []


def test_a_folder_over_the_ceiling_is_found() -> None:
    reports = [Path("usage/reports") / f"{number}.py" for number in range(FOLDER_FILES + 1)]
    others = [Path("usage/ledger/writer.py"), Path("usage/apps.py")]
    assert crowded_folders(reports + others, FOLDER_FILES) == ["usage/reports: 18 files"]
    assert crowded_folders(reports[1:] + others, FOLDER_FILES) == []


def test_a_function_over_the_ceiling_is_found() -> None:
    body = "\n".join("    pass" for _ in range(40))
    assert long_functions(ast.parse(f"def endless():\n{body}"), FUNCTION_LINES)
    assert crowded_functions(ast.parse("def crowded(a, b, c, d, e, f): pass")) == ["crowded"]
    assert crowded_functions(ast.parse("def fine(self, a, b, c, d, e, *, f): pass")) == []


def test_a_file_over_the_ceiling_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text('{% extends "frame.html" %}\n' * 81)
    assert long_files([page], template_ceiling(page.read_text()))
    assert not long_files([page], template_ceiling("<p>a part</p>"))
