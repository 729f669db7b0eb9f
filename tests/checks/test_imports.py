"""Imports point one way: accounts <- projects <- keys <- usage, `console` on top, layers inside."""

import ast

import pytest

from tests.checks.source import APPS, imported, module_name, python_files, tree, view_modules

# What stands on one line may import what stands on it or above it.
LAYERS = [
    {"enums", "permissions"},
    {"models"},
    {"access"},
    {"services"},
    {"forms", "lists"},
    {"views", "api"},
    {"urls", "admin"},
]
VIEWS = next(number for number, row in enumerate(LAYERS) if "views" in row)
Imports = dict[str, set[str]]


def all_imports() -> Imports:
    return {module_name(path): set(imported(tree(path))) for path in python_files(*APPS)}


def upward_imports(imports: Imports) -> list[str]:
    """Imports of an app that stands higher; its template tags are for templates alone."""
    return [
        f"{module} imports {name}"
        for module, names in imports.items()
        for name in sorted(names)
        if app(name) in APPS and APPS.index(app(name)) > APPS.index(app(module))
    ]


def upward_layers(imports: Imports) -> list[str]:
    """Layers that reach a higher one of their own app, directly or by way of a module without layer."""
    return [
        f"{module} reaches {target}"
        for module in imports
        if layer(module) is not None
        for target in sorted(reached(module, imports))
        if (layer(target) or 0) > (layer(module) or 0)
    ]


def reached(start: str, imports: Imports) -> set[str]:
    """The modules of the same app that `start` imports, looking through those without a layer."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for target in own_modules(waiting.pop(), imports) - seen:
            seen.add(target)
            if layer(target) is None:
                waiting.append(target)
    return seen


def own_modules(module: str, imports: Imports) -> set[str]:
    """What `module` imports of its own app, as modules: `accounts.models.User` is `accounts.models`."""
    names = {name for name in imports[module] if app(name) == app(module)}
    return {known(name, imports) for name in names} - {module, app(module)}


def known(name: str, imports: Imports) -> str:
    while name not in imports and "." in name:
        name = name.rpartition(".")[0]
    return name


def app(module: str) -> str:
    return module.partition(".")[0]


def layer(module: str) -> int | None:
    """The layer by the last word that names one; views are views under any name."""
    words = [name.rpartition("_")[2] for name in module.split(".")[1:]]
    numbers = (
        number for word in reversed(words) for number, row in enumerate(LAYERS) if word in row
    )
    return next(numbers, VIEWS if module in view_modules() else None)


def test_apps_import_downwards_only() -> None:
    assert upward_imports(all_imports()) == []


def test_layers_inside_an_app_import_downwards_only() -> None:
    assert upward_layers(all_imports()) == []


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("accounts.models", "from projects.models import Project"),
        ("projects.views", "import console.settings"),
        ("keys.services", "def later():\n    from usage import models"),
        ("projects.views", "from console.templatetags.ui import when"),
    ],
)
def test_an_upward_import_is_found(module: str, line: str) -> None:
    assert upward_imports({module: set(imported(ast.parse(line)))}) != []


def test_an_upward_layer_is_found_also_behind_another_module() -> None:
    direct = {
        "accounts.models": {"accounts.organizations.views.home"},
        "accounts.organizations.views": set[str](),
    }
    hidden: Imports = {
        "accounts.models.user": {"accounts.mail.send"},
        "accounts.mail": {"accounts.services.invite"},
        "accounts.services": {"accounts.models.user.User"},
    }
    assert upward_layers(direct) == ["accounts.models reaches accounts.organizations.views"]
    assert upward_layers(hidden) == ["accounts.models.user reaches accounts.services"]
