"""The usual structures of an organization's projects, offered as sets to make at once."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Structure:
    """A way to divide work into projects; `best_for` completes the sentence "Best when …"."""

    key: str
    label: str
    best_for: str
    names: tuple[str, ...]


STRUCTURES = (
    Structure(
        "team",
        "By team",
        "each team has its own people and wants to see its own usage.",
        ("ml-research", "platform-eng", "applied-ai"),
    ),
    Structure(
        "environment",
        "By environment",
        "few people may touch what customers use, and many may try things.",
        ("development", "staging", "production"),
    ),
    Structure(
        "workload",
        "By workload",
        "the same people run different kinds of work, and each should be counted apart.",
        ("training", "inference", "evaluation"),
    ),
    Structure(
        "customer",
        "By customer",
        "you work for several customers, whose data and usage must not mix.",
        ("customer-a", "customer-b"),
    ),
)


def find_structure(key: str) -> Structure:
    """The one called `key`; the first when there is none."""
    return next((candidate for candidate in STRUCTURES if candidate.key == key), STRUCTURES[0])
