"""What lies at the top, what a module begins with, and what a view and an app leave alone."""

import ast
import fnmatch
from collections.abc import Iterator

from tests.checks.source import (
    APPS,
    ROOT,
    imported,
    module_name,
    python_files,
    tree,
    view_files,
    view_modules,
)

TOP = {
    *("console", "accounts", "projects", "keys", "usage", "templates", "static", "manage.py"),
    *("requirements.in", "requirements.txt", "requirements-dev.in", "requirements-dev.txt"),
    *("README.md", "LICENSE", "docs", "bench", "bin", "deploy", "tests", "pyproject.toml", ".ci"),
    "gunicorn.conf.py",  # where gunicorn looks for it
    *(".editorconfig", ".gitattributes", ".gitignore", ".git"),
}
SIGNALS = ("django.dispatch", "django.db.models.signals", "django.core.signals")


def strange_names(names: set[str]) -> set[str]:
    """Names that neither belong at the top nor are left out of the repository."""
    patterns = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text().split()]
    ignored = {name for name in names for pattern in patterns if fnmatch.fnmatch(name, pattern)}
    return names - TOP - ignored


def managers(module: ast.Module) -> Iterator[int]:
    """The lines on which `Something.objects` stands."""
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}:
            yield node.lineno


def uses_signals(module: ast.Module) -> bool:
    return any(name.startswith(SIGNALS) for name in imported(module))


def marks_browser(module: ast.Module) -> bool:
    names = (node for node in ast.walk(module) if isinstance(node, ast.Attribute))
    return any(ast.unparse(name) == "pytest.mark.browser" for name in names)


def test_the_top_level_is_fixed() -> None:
    assert strange_names({path.name for path in ROOT.iterdir()}) == set()
    assert strange_names({"helpers", "console", "data", "x.pyc"}) == {"helpers"}


def test_every_module_says_in_a_sentence_what_lives_there() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in python_files(*APPS, "tests")
        if path.stat().st_size and not (ast.get_docstring(tree(path)) or "").split("\n")[0].strip()
    ]
    assert silent == []


def test_browser_tests_lie_where_their_run_looks_for_them() -> None:
    marked = [path for path in python_files("tests") if marks_browser(tree(path))]
    assert len(marked) > 5
    assert [path for path in marked if (ROOT / "tests/browser") not in path.parents] == []


def test_views_reach_objects_through_their_parent() -> None:
    """Whatever else stands in a view's module too: what finds rows is a QuerySet, a list or a service."""
    assert [f"{path}:{line}" for path in view_files() for line in managers(tree(path))] == []
    assert list(managers(ast.parse("def page(request): return Project.objects.all()"))) == [1]


def test_views_are_found_by_their_access_control_not_by_their_file_name() -> None:
    ours = {module_name(path) for path in python_files(*APPS)}
    assert view_modules() - ours == set()
    by_name = {"projects.views", "keys.verification.api"}
    # A function of a urls.py, one of a module without a telling name, methods of an admin page.
    by_access_control = {"console.urls", "accounts.people.theme", "keys.credentials.admin"}
    assert by_name | by_access_control <= view_modules()
    assert "projects.models.project" not in view_modules()


def test_nothing_listens_to_signals() -> None:
    assert [path for path in python_files(*APPS) if uses_signals(tree(path))] == []
    assert uses_signals(ast.parse("from django.db.models.signals import post_save"))
