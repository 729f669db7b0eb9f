"""Reads the repository's own files for the structure tests."""

import ast
import inspect
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

from tests.routes.urlconf import all_routes

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("accounts", "projects", "keys", "usage", "console")


def python_files(*folders: str) -> list[Path]:
    """The Python files below the folders that exist, without generated migrations."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return sorted(path for path in found if "migrations" not in path.parts)


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def imported(module: ast.Module) -> Iterator[str]:
    """Every module named by an import, wherever it stands; `from a import b` may mean `a.b`."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def functions(module: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def written_view(view: Any) -> Any:
    """The function or method behind a route as it is written, below its decorators."""
    view = inspect.unwrap(view)
    while isinstance(view, partial):
        view = inspect.unwrap(view.func)
    return view


@cache
def view_modules() -> frozenset[str]:
    """The modules that hold views: of every route that declares its access control."""
    views = (route.view for route in all_routes() if hasattr(route.view, "access_control"))
    return frozenset(written_view(view).__module__ for view in views)


def view_files() -> list[Path]:
    return [path for path in python_files(*APPS) if module_name(path) in view_modules()]
