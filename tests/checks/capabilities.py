"""Reads imports as graphs: of modules, and of an app's capabilities, the folders below it."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from graphlib import CycleError, TopologicalSorter

Imports = dict[str, set[str]]
# Folders of an app that capabilities stand on, as they do on its top-level modules.
GROUND = {"access", "models", "triggers"}


def app(module: str) -> str:
    return module.partition(".")[0]


def known(name: str, imports: Imports) -> str:
    """The module behind an imported name: `accounts.models.User` is `accounts.models`."""
    while name not in imports and "." in name:
        name = name.rpartition(".")[0]
    return name


def own_modules(module: str, imports: Imports) -> set[str]:
    """The modules of its own app that `module` imports."""
    names = {name for name in imports[module] if app(name) == app(module)}
    return {known(name, imports) for name in names} - {module, app(module)}


def reached(start: str, imports: Imports, through: Callable[[str], bool]) -> set[str]:
    """The modules of the same app that `start` imports, directly or by way of those `through` allows."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for target in own_modules(waiting.pop(), imports) - seen:
            seen.add(target)
            if through(target):
                waiting.append(target)
    return seen


def capability(module: str, imports: Imports) -> str | None:
    """The folder of its app that the module stands in; None for the ground."""
    folder = ".".join(module.split(".")[:2])
    is_folder = any(name.startswith(f"{folder}.") for name in imports)
    name = folder.partition(".")[2]
    return name if name and is_folder and name not in GROUND else None


def capability_graph(name: str, imports: Imports) -> dict[str, set[str]]:
    """What each capability of the app `name` imports of others, directly or by way of the ground."""
    folders = {module: capability(module, imports) for module in imports}
    graph: dict[str, set[str]] = defaultdict(set)
    for module, folder in folders.items():
        if folder is None or app(module) != name:
            continue
        for target in reached(module, imports, lambda other: folders[other] is None):
            graph[folder] |= {other for other in [folders[target]] if other not in (None, folder)}
    return dict(graph)


def file_graph(name: str, imports: Imports) -> dict[str, set[str]]:
    """What each module of the app `name` imports of it."""
    return {module: own_modules(module, imports) for module in imports if app(module) == name}


def find_circle(graph: Mapping[str, Collection[str]]) -> list[str]:
    """The nodes of a circle, the first of them again at the end; empty when there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []
