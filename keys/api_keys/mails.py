"""Emails people about keys of theirs that someone else revoked: one email for each person."""

from collections.abc import Sequence

from accounts.actors import Actor
from accounts.enums import Notification
from accounts.models import User
from accounts.models.principals import Principal
from accounts.outbox import notify_of_action
from keys.models import ApiKey
from projects.models import Project


def notify_of_revocation(actor: Actor, keys: Sequence[ApiKey]) -> None:
    """Notifies the creators of `keys`, all of one organization, as far as they can see the projects.

    Removing a person does not call this: the email about the removal says how many keys were revoked.
    """
    by_others = [key for key in keys if not actor.principal.is_user(key.created_by_id)]
    for creator, created in group_by_creator(by_others).items():
        seen = Project.objects.visible_to(Principal.of_absent(creator)).values_list("pk", flat=True)
        visible = set(seen.filter(pk__in=[key.project_id for key in created]))
        if theirs := [key for key in created if key.project_id in visible]:
            notify_of_action(
                actor,
                creator,
                format_subject(theirs),
                "keys/mail/keys_revoked.txt",
                kind=Notification.KEY_REVOKED,
                keys=theirs,
                organization=theirs[0].project.organization,
            )


def group_by_creator(keys: Sequence[ApiKey]) -> dict[User, list[ApiKey]]:
    """Returns the keys of each creator, who are read in one query."""
    creators = User.objects.in_bulk({key.created_by_id for key in keys if key.created_by_id})
    groups: dict[User, list[ApiKey]] = {}
    for key in keys:
        if creator := creators.get(key.created_by_id or 0):
            groups.setdefault(creator, []).append(key)
    return groups


def format_subject(keys: Sequence[ApiKey]) -> str:
    if len(keys) == 1:
        return f"Your API key {keys[0].name} was revoked"
    return f"{len(keys)} of your API keys were revoked"
