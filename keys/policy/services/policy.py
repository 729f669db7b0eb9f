"""Changes the key policy of an organization."""

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.access.organization import lock_organization
from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action
from accounts.errors import Conflict
from accounts.models import Organization
from accounts.permissions import Permission
from accounts.web.formatting import format_count
from keys.enums import KeyMakers, LeakResponse
from keys.models import KeyPolicy
from keys.models.policy import RULES
from keys.policy.services.unused import find_unused_keys

WOULD_REVOKE = "would_revoke"


@transaction.atomic
def change_policy(
    *,
    actor: Actor,
    organization: Organization,
    longest_days: int | None,
    expiry_required: bool,
    makers: KeyMakers,
    unused_days: int | None,
    on_leak: LeakResponse,
    revoking: int | None = None,
) -> KeyPolicy:
    """Changes the rules from now on.

    `revoking` is the number of keys that the actor confirmed to revoke immediately. Raises Conflict at
    `unused_days` if there are more.
    """
    access = lock_organization(actor.principal, organization, Permission.KEY_POLICY_CHANGE)
    policy = KeyPolicy.of(access.organization)
    before, number = policy.rules, count_newly_revoked(policy, unused_days)
    if unused_days is not None and number > (revoking or 0):
        raise Conflict({"unused_days": confirmation_error(number, unused_days)})
    policy.longest_days, policy.expiry_required = longest_days, expiry_required
    policy.makers, policy.unused_days, policy.on_leak = makers, unused_days, on_leak
    changed = [name for name in RULES if before[name] != policy.rules[name]]
    if not changed:
        return policy
    if policy.pk:
        policy.save(update_fields=changed)
    else:
        policy.save(force_insert=True)
    record(
        actor,
        Action.KEY_POLICY_CHANGED,
        organization=access.organization,
        target=access.organization,
        before={name: before[name] for name in changed},
        after={name: policy.rules[name] for name in changed},
    )
    return policy


def count_newly_revoked(policy: KeyPolicy, unused_days: int | None) -> int:
    """Returns how many keys a limit of `unused_days` would revoke that the present one does not."""
    stricter = unused_days is not None and (
        policy.unused_days is None or unused_days < policy.unused_days
    )
    if unused_days is None or not stricter:
        return 0
    return find_unused_keys(unused_days).in_organization(policy.organization).count()


def count_waiting_keys(policy: KeyPolicy) -> int:
    """Returns how many unused keys the worker will revoke next."""
    if policy.unused_days is None:
        return 0
    return find_unused_keys(policy.unused_days).in_organization(policy.organization).count()


def confirmation_error(number: int, days: int) -> ValidationError:
    length = format_count(days, "day")
    text = (
        f"%(number)d active keys have been unused for {length} or longer. This rule revokes them within a "
        "minute, which can't be undone. Tick the box below to confirm."
    )
    if number == 1:
        text = (
            f"%(number)d active key has been unused for {length} or longer. This rule revokes it within a "
            "minute, which can't be undone. Tick the box below to confirm."
        )
    return ValidationError(
        text,
        code=WOULD_REVOKE,
        params={"number": number},
    )
