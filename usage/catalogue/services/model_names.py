"""Creates the names of models that are sent for the first time, and keeps the canonical ones.

One transaction at a time does either, so that none overlooks a name or an alias of another.
"""

from collections.abc import Collection, Mapping

from django.db import connection, transaction

from usage.ids import ModelId
from usage.model_names import AliasRules, CanonicalNames, fold, select_groups
from usage.models import ModelName

# Of PostgreSQL's advisory locks; the second number is any that no other lock of ours has.
LOCK = (0x75736167, 1)
BATCH_ROWS = 500


def lock_model_names() -> None:
    """Waits until no other transaction adds or changes names. SQLite has a single writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", LOCK)


def fetch_canonical_names(names: Collection[str]) -> CanonicalNames:
    """Returns the canonical names of new ones, which hold until the transaction ends."""
    lock_model_names()
    return CanonicalNames.fetch(names)


@transaction.atomic(savepoint=False)
def create_models(
    names: Collection[str], canonical: CanonicalNames | None = None
) -> dict[str, ModelId]:
    """Creates those of the names that are new, each with its canonical model, and returns their ids.

    `canonical` is what `fetch_canonical_names` returned in this transaction, if that was called.
    """
    canonical = canonical or fetch_canonical_names(names)
    if not canonical.are_stored():  # names that the previous version added
        update_groups({*fold(canonical.ends.values())})
        canonical = CanonicalNames.fetch(names)
    heads = {canonical.find(name) for name in names}
    pks = {name: canonical.stored[name].pk for name in heads & canonical.stored.keys()}
    pks |= insert_names(dict.fromkeys(heads - pks.keys()))
    pks |= insert_names({name: pks[canonical.find(name)] for name in {*names} - heads})
    return {name: pks[name] for name in names}


@transaction.atomic
def update_canonical_models(names: Collection[str] | None = None) -> int:
    """Corrects the canonical models of these names and of those that share one with them, or of all.

    Returns how many names changed.
    """
    lock_model_names()
    return update_groups(None if names is None else {*fold(names)})


def update_groups(keys: set[str] | None) -> int:
    """Corrects the groups of names that have these keys, or all of them, under the lock."""
    rows = {row.name: row for row in select_rows(keys)}
    rules = AliasRules.fetch()
    # A stored name may have come to another group, whose names then change too.
    while keys is not None and not (more := find_keys(rows, rules)) <= keys:
        keys |= more
        rows = {row.name: row for row in select_rows(keys)}
    canonical = CanonicalNames.predict(rows, rules) if keys is None else CanonicalNames.fetch(rows)
    expected = {name: canonical.find(name) for name in rows}
    if missing := {*expected.values()} - rows.keys():
        insert_names(dict.fromkeys(missing))
        created = ModelName.objects.filter(name__in=missing)
        rows |= {row.name: row for row in created}
    targets = {name: None if name == to else rows[to].pk for name, to in expected.items()}
    changed = [rows[name] for name, pk in targets.items() if rows[name].canonical_id != pk]
    # Nothing goes by a name that goes by another one, not even in between.
    freed = [row.pk for row in changed if row.canonical_id is not None]
    for start in range(0, len(freed), BATCH_ROWS):
        pks = freed[start : start + BATCH_ROWS]
        ModelName.objects.filter(pk__in=pks).update(canonical=None)
    for row in changed:
        row.canonical_id = targets[row.name]
    pointing = [row for row in changed if row.canonical_id is not None]
    ModelName.objects.bulk_update(pointing, ["canonical"], batch_size=BATCH_ROWS)
    return len(changed)


def select_rows(keys: Collection[str] | None) -> list[ModelName]:
    rows = ModelName.objects.order_by("pk")
    return list(rows if keys is None else rows.filter(select_groups(keys)))


def find_keys(names: Collection[str], rules: AliasRules) -> set[str]:
    return {*fold(names), *(rules.find_end(name).lower() for name in names)}


def insert_names(names: Mapping[str, ModelId | None]) -> dict[str, ModelId]:
    """Creates rows with these canonical models and returns their ids, with those of rows that exist."""
    rows = [ModelName(name=name, canonical_id=pk) for name, pk in sorted(names.items())]
    # Of a row that exists only an update returns the id. A node of the previous version may just add one.
    rows = ModelName.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["name"], update_fields=["name"]
    )
    return {row.name: ModelId(row.pk) for row in rows}
