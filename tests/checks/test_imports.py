"""Imports point one way: between apps, between the layers of an app, and between its capabilities."""

import ast
from functools import cache

import pytest

from tests.checks.capabilities import (
    Imports,
    app,
    capability,
    capability_graph,
    file_graph,
    find_circle,
    own_modules,
    reached,
)
from tests.checks.source import (
    APPS,
    imported,
    module_name,
    python_files,
    tree,
    view_modules,
)

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
# Of the capabilities of accounts the same.
ACCOUNTS = [
    {"audit", "web", "crypto", "queries", "templatetags"},
    {"organizations", "notifications"},
    {"invitations"},
    {"people"},
    {"ownership"},
    {"members"},
    {"sessions"},
    {"factors"},
    {"support", "sign_in"},
]


@cache
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
        for target in sorted(reached(module, imports, lambda other: layer(other) is None))
        if (layer(target) or 0) > (layer(module) or 0)
    ]


def upward_capabilities(graph: dict[str, set[str]], order: list[set[str]]) -> list[str]:
    """Capabilities that import one on a later line of `order`."""
    line = {name: number for number, row in enumerate(order) for name in row}
    return [
        f"{name} imports {other}"
        for name, others in graph.items()
        for other in sorted(others)
        if line[other] > line[name]
    ]


def rising_ground(name: str, imports: Imports, low: set[str]) -> list[str]:
    """Ground modules of the app `name` that capabilities import, with imports of others than `low`."""
    own = [module for module in imports if app(module) == name]
    ground = {module for module in own if capability(module, imports) is None}
    stood_on = {
        target
        for module in own
        if module not in ground
        for target in reached(module, imports, lambda other: other in ground)
    }
    return [
        f"{module} imports {target}"
        for module in sorted(ground & stood_on)
        for target in sorted(own_modules(module, imports) - ground)
        if capability(target, imports) not in low
    ]


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


@pytest.mark.parametrize("name", APPS)
def test_no_files_import_each_other_in_a_circle(name: str) -> None:
    assert find_circle(file_graph(name, all_imports())) == []


@pytest.mark.parametrize("name", APPS)
def test_no_capabilities_import_each_other_in_a_circle(name: str) -> None:
    assert find_circle(capability_graph(name, all_imports())) == []


def test_capabilities_of_accounts_stand_on_each_other_in_order() -> None:
    imports = all_imports()
    capabilities = {capability(module, imports) for module in imports if app(module) == "accounts"}
    assert capabilities - {None} == set[str | None]().union(*ACCOUNTS)
    assert upward_capabilities(capability_graph("accounts", imports), ACCOUNTS) == []
    assert rising_ground("accounts", imports, ACCOUNTS[0]) == []


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


def test_a_circle_of_files_is_found() -> None:
    imports: Imports = {
        "keys.models.secret": {"keys.formats.digest"},
        "keys.formats": {"keys.limits.LIMIT"},
        "keys.limits": {"keys.models.secret.Secret", "usage.models.Price"},
        "keys.urls": {"keys.limits"},
    }
    circle = find_circle(file_graph("keys", imports))
    assert set(circle) == {"keys.models.secret", "keys.formats", "keys.limits"}
    imports["keys.limits"].remove("keys.models.secret.Secret")
    assert find_circle(file_graph("keys", imports)) == []


def test_a_circle_of_capabilities_is_found_also_by_way_of_the_ground() -> None:
    direct: Imports = {
        "usage.ledger.writer": {"usage.ingest.events.Event"},
        "usage.ingest.events": {"usage.amounts.InvalidAmount"},
        "usage.ingest.rating": {"usage.ledger.lookup.Stored"},
        "usage.ledger.lookup": set(),
        "usage.amounts": set(),
    }
    hidden = {
        **direct,
        "usage.ledger.writer": {"usage.models.Record"},
        "usage.models": {"usage.models.record.Record"},
        "usage.models.record": {"usage.ingest.events.Event"},
    }
    assert set(find_circle(capability_graph("usage", direct))) == {"ledger", "ingest"}
    assert set(find_circle(capability_graph("usage", hidden))) == {"ledger", "ingest"}
    assert (
        find_circle(file_graph("usage", direct)) == find_circle(file_graph("usage", hidden)) == []
    )
    hidden["usage.models.record"].clear()
    assert capability_graph("usage", hidden) == {"ingest": {"ledger"}, "ledger": set()}
    assert find_circle(capability_graph("usage", hidden)) == []


def test_a_capability_that_imports_a_later_one_is_found() -> None:
    imports: Imports = {
        "accounts.access": {"accounts.audit.writer.record"},
        "accounts.audit.writer": set(),
        "accounts.people.views": {"accounts.access.organization_page"},
        "accounts.members.views": {"accounts.people.views", "accounts.access"},
        "accounts.urls": {"accounts.members.views"},
    }
    assert upward_capabilities(capability_graph("accounts", imports), ACCOUNTS) == []
    assert rising_ground("accounts", imports, ACCOUNTS[0]) == []
    imports["accounts.access"].add("accounts.people.views")
    rising = ["accounts.access imports accounts.people.views"]
    assert rising_ground("accounts", imports, ACCOUNTS[0]) == rising
    imports["accounts.people.views"].add("accounts.members.views")
    upward = ["people imports members"]
    assert upward_capabilities(capability_graph("accounts", imports), ACCOUNTS) == upward
