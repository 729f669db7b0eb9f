"""Changes several settings of an API key at once."""

import datetime as dt
from collections.abc import Mapping

from django.db import transaction

from accounts.actors import Actor
from keys.api_keys.locking import lock_to_change
from keys.api_keys.services import rename_key, set_expiration
from keys.api_keys.tag_services import change_key_tags
from keys.models import ApiKey


@transaction.atomic
def update_key(
    *,
    actor: Actor,
    key: ApiKey,
    name: str | None = None,
    expires_at: dt.datetime | None = None,
    tags: Mapping[str, str] | None = None,
) -> None:
    """Changes what is not None, all or nothing.

    Raises what `rename_key`, `set_expiration` and `change_key_tags` raise.
    """
    lock_to_change(actor, key)
    if name is not None:
        rename_key(actor=actor, key=key, name=name)
    if expires_at is not None:
        set_expiration(actor=actor, key=key, expires_at=expires_at)
    if tags is not None:
        change_key_tags(actor=actor, key=key, tags=tags)
