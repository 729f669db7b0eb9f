"""API keys in bulk: of any age, used or not, as the services would have left them."""

import datetime as dt
import secrets as random_bytes
from typing import Any

from django.utils import timezone

from accounts.models import User
from keys.formats import Prefix, new_secret
from keys.models import ApiKey, KeySecret
from projects.models import Project

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def hoard(
    project: Project,
    user: User | None,
    number: int = 1,
    name: str = "hoarded",
    *,
    days: float = 0,
    used: float | None = None,
    **fields: Any,
) -> list[ApiKey]:
    """That many keys of the project, made so many `days` ago, last `used` so many days ago (never)."""
    made = timezone.now() - dt.timedelta(days=days)
    given = {"project": project, "created_by": user, "created_at": made}
    keys = ApiKey.objects.bulk_create(
        ApiKey(name=f"{name} {index - index % 3:03}.{index % 3}", **given, **fields)
        for index in range(number)
    )
    last = None if used is None else timezone.now() - dt.timedelta(days=used)
    secrets = [
        KeySecret(api_key=key, created_at=made, last_used_at=last, may_read_usage=True)
        for key in keys
    ]
    for secret in secrets:
        secret.set_secret(new_secret(Prefix.PROJECT_KEY))
    KeySecret.objects.bulk_create(secrets)
    return keys


def one(project: Project, user: User | None, name: str, **given: Any) -> ApiKey:
    """A single key of that very name."""
    (key,) = hoard(project, user, name=name, **given)
    key.name = name
    key.save(update_fields=["name"])
    return key


def many_keys(project: Project, user: User, number: int, prefix: str = "many") -> list[ApiKey]:
    """That many active keys, `many-000` and on, which nobody verifies: their secrets are unknown.

    Made, used and ending at the same moments by threes; a third never used, and without an end.
    """
    now = timezone.now()
    keys = ApiKey.objects.bulk_create(
        ApiKey(
            project=project,
            name=f"{prefix}-{index:03}",
            created_by=user,
            created_at=now - DAY * (index // 3),
            expires_at=now + DAY * (15 + index // 3) if index % 3 else None,
        )
        for index in range(number)
    )
    KeySecret.objects.bulk_create(
        KeySecret(
            api_key=key,
            mac=random_bytes.token_bytes(32),
            pepper_id="test",
            may_read_usage=True,
            hint=f"pk_{index:04}…test",
            created_at=key.created_at,
            last_used_at=now - HOUR * (index // 3) if index % 3 else None,
        )
        for index, key in enumerate(keys)
    )
    return keys
