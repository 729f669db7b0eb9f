"""Adds, changes and removes aliases of models, after which names go by other canonical ones at once.

Nothing that is recorded changes. The next event with such a name takes the price of the other model, and
reports show past usage of both as one.
"""

from django.db import IntegrityError, transaction

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action
from accounts.errors import Conflict
from accounts.support.services.staff import require_staff
from usage.catalogue.services.model_names import lock_model_names, update_canonical_models
from usage.catalogue.services.products import save_new
from usage.model_names import AliasRules
from usage.models import ModelAlias

ADD_ALIAS, CHANGE_ALIAS, DELETE_ALIAS = (
    "usage.add_modelalias",
    "usage.change_modelalias",
    "usage.delete_modelalias",
)
TAKEN = "There is already an alias for {pattern}, whatever its case. Change that one."
CIRCLE = "These would count as each other in turn: {names}. Choose another model."
REMOVED = "This alias has already been removed."


@transaction.atomic
def create_alias(*, actor: Actor, pattern: str, target: str) -> ModelAlias:
    """Lets the names that `pattern` covers count as `target`, '' for what the wildcard stands for.

    Raises Conflict if the pattern is taken, or if names would count as each other in turn.
    """
    require_staff(actor, ADD_ALIAS)
    lock_model_names()
    alias = ModelAlias(pattern=pattern, target=target)
    save_new(alias, {"pattern": TAKEN.format(pattern=pattern)})
    require_no_circle()
    update_canonical_models()
    record(
        actor,
        Action.MODEL_ALIAS_CREATED,
        organization=None,
        target=alias,
        after=build_facts(alias),
    )
    return alias


@transaction.atomic
def change_alias(*, actor: Actor, alias: ModelAlias, pattern: str, target: str) -> None:
    """Changes what an alias covers, or what that counts as. Raises Conflict as `create_alias` does."""
    require_staff(actor, CHANGE_ALIAS)
    locked = lock_alias(alias)
    before = build_facts(locked)
    locked.pattern, locked.target = pattern, target
    if build_facts(locked) == before:
        return
    try:
        with transaction.atomic():
            locked.save(update_fields=["pattern", "target"])
    except IntegrityError as error:
        raise Conflict({"pattern": TAKEN.format(pattern=pattern)}) from error
    require_no_circle()
    update_canonical_models()
    record(
        actor,
        Action.MODEL_ALIAS_CHANGED,
        organization=None,
        target=locked,
        before=before,
        after=build_facts(locked),
    )


@transaction.atomic
def delete_alias(*, actor: Actor, alias: ModelAlias) -> None:
    """Lets names count as themselves again. Raises Conflict if the alias is gone."""
    require_staff(actor, DELETE_ALIAS)
    locked = lock_alias(alias)
    ModelAlias.objects.filter(pk=locked.pk).delete()
    update_canonical_models()
    record(
        actor,
        Action.MODEL_ALIAS_DELETED,
        organization=None,
        target=locked,
        before=build_facts(locked),
    )


def lock_alias(alias: ModelAlias) -> ModelAlias:
    """Locks the names of models and returns the alias as it is now. Raises Conflict if it is gone."""
    lock_model_names()
    locked = ModelAlias.objects.filter(pk=alias.pk).first()
    if locked is None:
        raise Conflict(REMOVED)
    return locked


def require_no_circle() -> None:
    """Raises Conflict if names count as each other in turn."""
    if names := AliasRules.fetch().find_circle():
        raise Conflict({"target": CIRCLE.format(names=" → ".join(names))})


def build_facts(alias: ModelAlias) -> dict[str, str]:
    return {"pattern": alias.pattern, "target": alias.target or "what * stands for"}
