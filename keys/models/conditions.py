"""What keys are asked about in SQL, for querysets that filter by it and for those that count by it."""

import datetime as dt
from typing import Any

from django.apps import apps
from django.db.models import Exists, Max, OuterRef, Q, Subquery
from django.utils import timezone


def secrets_of_outer_key() -> Any:
    """The secrets of the key of the outer query (their class is defined on that of keys)."""
    secret: Any = apps.get_model("keys", "KeySecret")
    return secret.objects.filter(api_key=OuterRef("pk"))


def last_use() -> Subquery:
    """When any secret of the key was last used; None for never."""
    used = secrets_of_outer_key().order_by().values("api_key")
    return Subquery(used.annotate(last=Max("last_used_at")).values("last"))


def still_active() -> Q:
    """What the active keys are, see `ApiKeyQuerySet.active`."""
    running = Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now())
    return Q(revoked_at__isnull=True) & running


def unused_since(moment: dt.datetime) -> Q:
    """Those that are idle since `moment` or longer. Quicker than asking for the last use of each."""
    used = Exists(secrets_of_outer_key().filter(last_used_at__gt=moment))
    return Q(created_at__lte=moment) & ~Q(used)


def neglected_since(moment: dt.datetime) -> Q:
    """Those that could be used from `moment` on, and were not: neither was their project restored
    nor their organization reopened later."""
    organization = "project__organization__state_changed_at"
    thawed = Q(project__restored_at__gt=moment) | Q(**{f"{organization}__gt": moment})
    return unused_since(moment) & ~thawed


def outliving(days: int) -> Q:
    """Those that end later than so many days after their current secret was made, or never."""
    bound = OuterRef("expires_at") - dt.timedelta(days=days)
    earlier = secrets_of_outer_key().filter(ends_at__isnull=True, created_at__lt=bound)
    return Q(expires_at__isnull=True) | Q(Exists(earlier))
