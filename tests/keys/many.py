"""Many keys of somebody at once, as rows alone: nobody verifies them."""

import datetime as dt
import secrets

from django.utils import timezone

from accounts.models import User
from keys.models import ApiKey, KeySecret
from projects.models import Project

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def many_keys(project: Project, user: User, number: int, prefix: str = "many") -> list[ApiKey]:
    """That many active keys, `many-000` and on.

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
            mac=secrets.token_bytes(32),
            pepper_id="test",
            may_read_usage=True,
            hint=f"pk_{index:04}…test",
            created_at=key.created_at,
            last_used_at=now - HOUR * (index // 3) if index % 3 else None,
        )
        for index, key in enumerate(keys)
    )
    return keys
