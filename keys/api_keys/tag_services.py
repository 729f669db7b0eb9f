"""Changes the tags of API keys."""

from collections.abc import Mapping

from django.db import transaction

from accounts.actors import Actor
from accounts.enums import Action
from keys.api_keys.locking import lock_to_change
from keys.models import ApiKey
from projects.tags.periods import describe_changes, replace_tags
from projects.tags.values import clean_tags


@transaction.atomic
def change_key_tags(
    *, actor: Actor, key: ApiKey, tags: Mapping[str, str], seen: str | None = None
) -> bool:
    """Replaces the key's own tags from the next UTC day on. Returns whether any changed.

    See `replace_tags` for `seen`. Raises ValidationError at `tags` for invalid ones, Conflict if the key is
    revoked.
    """
    access, locked = lock_to_change(actor, key)
    before, after = replace_tags(locked, access.organization, clean_tags(tags), seen=seen)
    if before == after:
        return False
    old, new = describe_changes(before, after)
    locked.record_event(actor, Action.KEY_TAGS_CHANGED, before=old, after=new)
    return True
