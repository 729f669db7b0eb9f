"""Common project structures, which can be created as sets."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Structure:
    """A way to divide work into projects. `best_for` is a sentence that begins with "Best when"."""

    key: str
    label: str
    best_for: str
    names: tuple[str, ...]


STRUCTURES = (
    Structure(
        "team",
        "By team",
        "Best when each team has its own people and wants to see its own usage.",
        ("ml-research", "platform-eng", "applied-ai"),
    ),
    Structure(
        "environment",
        "By environment",
        "Best when few people may change production and many may experiment.",
        ("development", "staging", "production"),
    ),
    Structure(
        "workload",
        "By workload",
        "Best when the same people run different workloads whose usage should be separate.",
        ("training", "inference", "evaluation"),
    ),
    Structure(
        "customer",
        "By customer",
        "Best when you work for several customers whose data and usage must not mix.",
        ("customer-a", "customer-b"),
    ),
)


def find_structure(key: str) -> Structure:
    """Returns the structure with that key, or the first structure."""
    return next((candidate for candidate in STRUCTURES if candidate.key == key), STRUCTURES[0])
