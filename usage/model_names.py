"""Which names are the same model: those that differ only in case, and those that an alias covers.

Usage keeps the name that was sent. The name that all of them go by is canonical: the catalogue's, if
everyone's prices have one of them, else the first that there was.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple, Self

from django.db.models import Q, Value
from django.db.models.functions import Coalesce

from usage.ids import ModelId
from usage.models import ModelAlias, ModelName, Price
from usage.models.catalogue import fold_model, fold_model_column

WILDCARD = "*"
# What names that go by the same canonical one have in common, of rows.
GROUP_KEY = fold_model_column(Coalesce("canonical__name", "name"))


class AliasRules:
    """The aliases of support: what a name counts as."""

    def __init__(self, aliases: Iterable[tuple[str, str]]) -> None:
        """`aliases` are patterns with their targets, '' for what the wildcard stands for."""
        targets = {fold_model(pattern): target for pattern, target in aliases}
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
        if target := self.names.get(fold_model(name)):
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
        while (following := self.find_next(names[-1])) and fold_model(following) not in fold(names):
            names.append(following)
        return [*names, following] if following else names

    def find_end(self, name: str) -> str:
        """Returns what a name counts as in the end. All names of a circle count as one of them."""
        *before, end = self.walk(name)
        keys = fold(before)
        if fold_model(end) not in keys[:-1]:
            return end
        return min(keys[keys.index(fold_model(end)) :])

    def find_circle(self) -> list[str]:
        """Returns names that count as each other in turn, [] if there are none.

        What a wildcard stands for is shorter than the name, so a circle passes through a target.
        """
        targets = [*self.names.values(), *(target for _, target in self.wildcards)]
        for target in sorted(filter(None, targets)):
            names = self.walk(target)
            if fold_model(names[-1]) in fold(names[:-2]):
                return names
        return []


def match_wildcard(pattern: str, name: str) -> str:
    """Returns what the wildcard of a pattern in lower case stands for, '' if it does not match."""
    key, literal = fold_model(name), pattern.strip(WILDCARD)
    if pattern.endswith(WILDCARD):
        return name[len(literal) :] if key.startswith(literal) else ""
    return name[: -len(literal)] if key.endswith(literal) else ""


def fold(names: Iterable[str]) -> list[str]:
    """Returns the names in lower case, in which those of one model are equal unless there are aliases."""
    return [fold_model(name) for name in names]


class StoredName(NamedTuple):
    """A row of a name; `canonical` is None for one that is canonical itself."""

    pk: ModelId
    canonical: ModelId | None
    name: str


class CanonicalNames:
    """The canonical names of some models as of one moment, whether or not they have been sent."""

    def __init__(
        self, ends: Mapping[str, str], priced: Iterable[str], stored: Iterable[StoredName]
    ) -> None:
        """`ends` by name; `priced` are names in everyone's prices."""
        self.ends = ends
        self.stored = {row.name: row for row in sorted(stored)}
        unsent, oldest_last = sorted(ends.values(), reverse=True), reversed(self.stored)
        names = (*unsent, *oldest_last, *sorted(priced, reverse=True))
        self.spellings = {fold_model(name): name for name in names}  # the last one holds

    @classmethod
    def fetch(cls, names: Collection[str]) -> Self:
        """Reads the canonical names in one query, in two if an alias covers one of them."""
        read = read_names(keys := {*fold(names)})
        rules = AliasRules(read.aliases)
        ends = {name: rules.find_end(name) for name in names}
        if not (end_keys := {*fold(ends.values())}) <= keys:
            read = read_names(end_keys)
        return cls(ends, read.priced, read.stored)

    @classmethod
    def predict(cls, names: Collection[str], rules: AliasRules) -> Self:
        """Reads those of all models, as they would be with these aliases, in two queries."""
        ends = {name: rules.find_end(name) for name in names}
        rows = ModelName.objects.values_list("pk", "canonical", "name")
        return cls(ends, list_priced(), map(StoredName._make, rows))

    def find(self, name: str) -> str:
        return self.spellings[fold_model(self.ends[name])]

    def are_stored(self) -> bool:
        """Returns whether the rows of these models that exist have the canonical ones that they should."""
        keys = {*fold(self.ends.values())}
        rows = (row for row in self.stored.values() if fold_model(row.name) in keys)
        return all(self.is_stored(row) for row in rows)

    def is_stored(self, row: StoredName) -> bool:
        canonical = self.stored.get(self.spellings[fold_model(row.name)])
        expected = None if row == canonical else canonical and canonical.pk
        return canonical is not None and row.canonical == expected


class NamesRead(NamedTuple):
    """Aliases as patterns with their targets, names in everyone's prices, and rows of names."""

    aliases: list[tuple[str, str]]
    priced: list[str]
    stored: list[StoredName]


def read_names(keys: Collection[str]) -> NamesRead:
    """Returns all aliases, and the prices and rows of names that are these in lower case, in one query."""
    nothing = Value(0)
    stored = ModelName.objects.alias(key=fold_model_column("name")).filter(key__in=keys)
    priced = list_priced().alias(key=fold_model_column("model")).filter(key__in=keys)
    rows = stored.values_list("pk", "canonical", "name", Value(""), Value("stored")).union(
        priced.values_list(nothing, nothing, "model", Value(""), Value("priced")),
        ModelAlias.objects.order_by().values_list(
            nothing, nothing, "pattern", "target", Value("aliases")
        ),
        all=True,
    )
    read = NamesRead([], [], [])
    for pk, canonical, name, target, kind in rows:
        if kind == "stored":
            read.stored.append(StoredName(pk, canonical, name))
        elif kind == "priced":
            read.priced.append(name)
        else:
            read.aliases.append((name, target))
    return read


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
    in_group = ModelName.objects.alias(key=fold_model_column("name")).filter(key__in=keys)
    return Q(pk__in=in_group.values("pk")) | Q(canonical__in=in_group.values("pk"))


def find_group_keys(names: Collection[str]) -> dict[str, str]:
    """Returns what the canonical name of each is in lower case, even if it has never been sent."""
    rules = AliasRules.fetch()
    return {name: fold_model(rules.find_end(name)) for name in names}


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
