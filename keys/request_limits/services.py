"""Changes the limits of a project or of an API key."""

from collections.abc import Callable, Sequence
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action
from accounts.permissions import Permission
from keys.api_keys.locking import lock_key
from keys.enums import ModelRule
from keys.models import ApiKey, RequestLimits
from keys.models.limits import RULES
from keys.request_limits.values import clean_models, clean_ranges
from projects.access import lock_project
from projects.models import Project

ANY_WITH_NAMES = "Choose whether only these models are allowed, or all others."
NO_NAMES = "Enter at least one model."


class LimitChanges(TypedDict, total=False):
    """The limits to change, None or empty for no limit; those that are left out stay as they are."""

    requests_per_minute: int | None
    requests_per_day: int | None
    model_rule: ModelRule
    model_names: Sequence[str]
    ip_ranges: Sequence[str]


@transaction.atomic
def change_limits(
    *, actor: Actor, subject: Project | ApiKey, **changes: Unpack[LimitChanges]
) -> RequestLimits:
    """Changes the limits of a project or API key from the next request on.

    Raises ValidationError for invalid models and ranges, Conflict if the key is revoked.
    """
    locked = lock_subject(actor, subject)
    limits = RequestLimits.of(locked)
    before = limits.rules
    apply_changes(limits, before | changes)
    if changed := [name for name in RULES if before[name] != limits.rules[name]]:
        save_limits(limits, changed)
        record(
            actor,
            Action.LIMITS_CHANGED,
            organization=find_project(locked).organization,
            target=locked,
            label=locked.label if isinstance(locked, ApiKey) else "",
            before={name: before[name] for name in changed},
            after={name: limits.rules[name] for name in changed},
        )
    return limits


def apply_changes(limits: RequestLimits, rules: dict[str, Any]) -> None:
    """Puts the rules into a row. Raises ValidationError at the field of one that is invalid."""
    limits.requests_per_minute = rules["requests_per_minute"]
    limits.requests_per_day = rules["requests_per_day"]
    limits.model_rule = rules["model_rule"]
    limits.model_names = clean_field("model_names", clean_models, rules["model_names"])
    limits.ip_ranges = clean_field("ip_ranges", clean_ranges, rules["ip_ranges"])
    require_rule(limits)


def find_project(subject: Project | ApiKey) -> Project:
    return subject.project if isinstance(subject, ApiKey) else subject


def lock_subject(actor: Actor, subject: Project | ApiKey) -> Project | ApiKey:
    """Locks the project, and the key if it is one; returns the locked row as it is now."""
    access = lock_project(actor.principal, find_project(subject), Permission.PROJECT_LIMITS_MANAGE)
    return lock_key(access, subject) if isinstance(subject, ApiKey) else access.project


def clean_field(name: str, clean: Callable[[Sequence[str]], str], values: Sequence[str]) -> str:
    """Returns the values as they are stored. Raises ValidationError at the field."""
    try:
        return clean(values)
    except ValidationError as error:
        raise ValidationError({name: error}) from error


def require_rule(limits: RequestLimits) -> None:
    """Raises ValidationError unless there is a rule about models exactly if some are named."""
    if limits.model_rule == ModelRule.ANY and limits.model_names:
        raise ValidationError({"model_rule": ANY_WITH_NAMES})
    if limits.model_rule != ModelRule.ANY and not limits.model_names:
        raise ValidationError({"model_names": NO_NAMES})


def save_limits(limits: RequestLimits, changed: Sequence[str]) -> None:
    """Saves a row that limits something, and deletes one that does not."""
    if limits.is_empty:
        limits.delete()
    elif limits.pk:
        limits.save(update_fields=changed)
    else:
        limits.save(force_insert=True)
