"""Which names are the same model: those that differ only in case, and those that an alias covers.

Usage keeps the name that was sent. The name that all of them go by is canonical: the catalogue's, if
everyone's prices have one of them, else the first that there was.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Self

from django.db.models import Q
from django.db.models.functions import Coalesce, Lower

from usage.ids import ModelId
from usage.models import ModelAlias, ModelName, Price

WILDCARD = "*"
# What names that go by the same canonical one have in common, of rows.
GROUP_KEY = Lower(Coalesce("canonical__name", "name"))


class AliasRules:
    """The aliases of support: what a name counts as."""

    def __init__(self, aliases: Iterable[tuple[str, str]]) -> None:
        """`aliases` are patterns with their targets, '' for what the wildcard stands for."""
        targets = {pattern.lower(): target for pattern, target in aliases}
        self.names = {name: target for name, target in targets.items() if WILDCARD not in name}
        # The longest first; of two that are equally long, the one with the wildcard at its end.
        self.wildcards = sorted(
            targets.items() - self.names.items(),
            key=lambda alias: (-len(alias[0]), alias[0].startswith(WILDCARD), alias),
        )

    @classmethod
    def fetch(cls) -> Self:
        return cls(ModelAlias.objects.values_list("pattern", "target"))

    def find_next(self, name: str) -> str:
        """Returns what a name counts as by a single alias, '' if none covers it."""
        if target := self.names.get(name.lower()):
            return target
        for pattern, target in self.wildcards:
            if rest := match_wildcard(pattern, name):
                return target or rest
        return ""

    def walk(self, name: str) -> list[str]:
        """Returns a name and what it counts as in turn; the last one again if it counts as itself.

        Ends where a circle begins again.
        """
        names = [name]
        while (following := self.find_next(names[-1])) and following.lower() not in fold(names):
            names.append(following)
        return [*names, following] if following else names

    def find_end(self, name: str) -> str:
        """Returns what a name counts as in the end. All names of a circle count as one of them."""
        *before, end = self.walk(name)
        keys = fold(before)
        if end.lower() not in keys[:-1]:
            return end
        return min(keys[keys.index(end.lower()) :])

    def find_circle(self) -> list[str]:
        """Returns names that count as each other in turn, [] if there are none.

        What a wildcard stands for is shorter than the name, so a circle passes through a target.
        """
        targets = [*self.names.values(), *(target for _, target in self.wildcards)]
        for target in sorted(filter(None, targets)):
            names = self.walk(target)
            if names[-1].lower() in fold(names[:-2]):
                return names
        return []


def match_wildcard(pattern: str, name: str) -> str:
    """Returns what the wildcard of a pattern in lower case stands for, '' if it does not match."""
    key, literal = name.lower(), pattern.strip(WILDCARD)
    if pattern.endswith(WILDCARD):
        return name[len(literal) :] if key.startswith(literal) else ""
    return name[: -len(literal)] if key.endswith(literal) else ""


def fold(names: Iterable[str]) -> list[str]:
    """Returns the names in lower case, in which those of one model are equal unless there are aliases."""
    return [name.lower() for name in names]


class CanonicalNames:
    """The canonical names of some models as of one moment, whether or not they have been sent."""

    def __init__(
        self, ends: Mapping[str, str], priced: Iterable[str], stored: Sequence[str]
    ) -> None:
        """`ends` by name; `priced` are names in everyone's prices, `stored` those of rows in their order."""
        self.ends = ends
        self.stored = {name.lower() for name in stored}
        self.spellings = {
            name.lower(): name for name in (*sorted(ends.values(), reverse=True), *reversed(stored))
        }
        self.spellings |= {name.lower(): name for name in sorted(priced, reverse=True)}

    @classmethod
    def fetch(cls, names: Collection[str], rules: AliasRules | None = None) -> Self:
        """Reads the canonical names in three queries, in two if the aliases are given."""
        rules = rules or AliasRules.fetch()
        ends = {name: rules.find_end(name) for name in names}
        keys = {*fold(ends.values())}
        priced = list_priced().alias(key=Lower("model")).filter(key__in=keys)
        rows = ModelName.objects.alias(key=Lower("name")).filter(key__in=keys).order_by("pk")
        return cls(ends, priced, [*rows.values_list("name", flat=True)])

    @classmethod
    def predict(cls, names: Collection[str], rules: AliasRules) -> Self:
        """Reads those of all models, as they would be with these aliases, in two queries."""
        ends = {name: rules.find_end(name) for name in names}
        rows = ModelName.objects.order_by("pk").values_list("name", flat=True)
        return cls(ends, list_priced(), [*rows])

    def find(self, name: str) -> str:
        return self.spellings[self.ends[name].lower()]

    def is_first(self, name: str) -> bool:
        """Whether a name is its own canonical one, and no row has a name of that model yet."""
        return self.find(name) == name and name.lower() not in self.stored


def list_priced() -> Any:
    """Returns the names in everyone's prices. Those of one customer's concern no others."""
    prices = Price.objects.visible_to(None).order_by()
    return prices.values_list("model", flat=True).distinct()


class ModelReference(NamedTuple):
    """A name that was sent, with the one that it goes by."""

    pk: ModelId
    canonical: str


def fetch_models(names: Collection[str]) -> dict[str, ModelReference]:
    """Returns the models by the names that were sent, without names that are new, in one query."""
    rows = ModelName.objects.filter(name__in=names)
    rows = rows.annotate(canonical_name=Coalesce("canonical__name", "name"))
    return {
        name: ModelReference(ModelId(pk), canonical)
        for name, pk, canonical in rows.values_list("name", "pk", "canonical_name")
    }


def select_groups(keys: Collection[str]) -> Q:
    """Returns the condition of names that are these in lower case, or go by one that is."""
    in_group = ModelName.objects.alias(key=Lower("name")).filter(key__in=keys)
    return Q(pk__in=in_group.values("pk")) | Q(canonical__in=in_group.values("pk"))


def find_group_keys(names: Collection[str]) -> dict[str, str]:
    """Returns what the canonical name of each is in lower case, even if it has never been sent."""
    rules = AliasRules.fetch()
    return {name: rules.find_end(name).lower() for name in names}


def find_spellings(names: Collection[str]) -> dict[str, set[ModelId]]:
    """Returns the ids of all names that go by the same canonical one as each of these, in two queries.

    Whether others have sent one of `names` makes no difference.
    """
    keys = find_group_keys(names)
    groups: dict[str, set[ModelId]] = defaultdict(set)
    rows = ModelName.objects.filter(select_groups({*keys.values()}))
    for pk, key in rows.annotate(key=GROUP_KEY).values_list("pk", "key"):
        groups[key].add(ModelId(pk))
    return {name: groups[key] for name, key in keys.items()}
