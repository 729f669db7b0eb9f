"""Conditions on keys, for querysets that filter by them and for those that count by them."""

import datetime as dt
from typing import Any

from django.apps import apps
from django.db.models import Exists, Max, OuterRef, Q, Subquery
from django.utils import timezone

from accounts.queries.clock import query_time
from keys.enums import SpendScope


def secrets_of_outer_key() -> Any:
    """Returns the secrets of the outer query's key. Their model imports that of keys, so it is looked up."""
    secret: Any = apps.get_model("keys", "KeySecret")
    return secret.objects.filter(api_key=OuterRef("pk"))


def last_use() -> Subquery:
    """Returns when any secret of the key was last used, null for never."""
    used = secrets_of_outer_key().order_by().values("api_key")
    return Subquery(used.annotate(last=Max("last_used_at")).values("last"))


def still_active() -> Q:
    """Returns the condition of `ApiKeyQuerySet.active`."""
    running = Q(expires_at__isnull=True) | Q(expires_at__gt=query_time())
    return Q(revoked_at__isnull=True) & running


def unused_since(moment: dt.datetime) -> Q:
    """Returns the condition of keys not used since `moment`. It is faster than computing each last use."""
    used = Exists(secrets_of_outer_key().filter(last_used_at__gt=moment))
    return Q(created_at__lte=moment) & ~Q(used)


def neglected_since(moment: dt.datetime) -> Q:
    """Returns the condition of keys that could be used since `moment`, and were not.

    Keys whose project was restored or organization reopened since then could not.
    """
    organization = "project__organization__state_changed_at"
    thawed = Q(project__restored_at__gt=moment) | Q(**{f"{organization}__gt": moment})
    return unused_since(moment) & ~thawed


def is_stopped() -> Q:
    """Returns the condition that a spent budget refuses the key: the rule of keys/verification/blocks.py."""
    targets = {
        SpendScope.ORGANIZATION: "project__organization",
        SpendScope.PROJECT: "project",
        SpendScope.API_KEY: "pk",
        SpendScope.PERSON: "created_by",
        SpendScope.SERVICE_ACCOUNT: "service_account",
    }
    blocks: Any = apps.get_model("keys", "SpendBlock").objects.at(timezone.now())
    blocks = blocks.filter(organization=OuterRef("project__organization"))
    condition = Q(pk__in=())
    for scope, target in targets.items():
        stopped = Q(Exists(blocks.filter(scope=scope, target=OuterRef(target))))
        if scope == SpendScope.PERSON:
            stopped &= Q(service_account__isnull=True)
        condition |= stopped
    return condition


def outliving(days: int) -> Q:
    """Returns the condition of keys that expire more than `days` after their current secret was created,
    or never."""
    bound = OuterRef("expires_at") - dt.timedelta(days=days)
    earlier = secrets_of_outer_key().filter(ends_at__isnull=True, created_at__lt=bound)
    return Q(expires_at__isnull=True) | Q(Exists(earlier))
