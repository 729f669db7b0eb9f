"""The rows of tables of API keys: everything that they show, ready for the template."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Self

from django.db.models import Prefetch
from django.utils.text import Truncator

from accounts.web.elements import MenuCopy, MenuLink, Moment, RowMenu
from keys.enums import KeyStatus
from keys.models import ApiKey, KeySecret
from keys.models.api_key import ApiKeyQuerySet

TONES = {
    KeyStatus.ACTIVE: "ok",
    KeyStatus.EXPIRES_SOON: "warn",
    KeyStatus.ROTATING: "accent",
    KeyStatus.EXPIRED: "bad",
    KeyStatus.REVOKED: "",
}
REASON_LENGTH = 80  # characters in the table; the audit log has all of them


@dataclass(frozen=True, slots=True)
class KeyAction:
    """What can be done with a key: label and icon of its menu item, and the end of its URL."""

    label: str
    path: str
    icon: str


ROTATE = KeyAction("Rotate", "rotate", "refresh-cw")
ROTATION = KeyAction("Show rotation", "rotate", "refresh-cw")
FINISH = KeyAction("Finish rotation now", "finish", "check-check")
UNDO = KeyAction("Undo rotation", "undo", "undo-2")
SET_EXPIRATION = KeyAction("Set expiration", "expiration", "calendar-clock")
CANCEL_EXPIRATION = KeyAction("Cancel expiration", "expiration/cancel", "calendar-x")
RENAME = KeyAction("Rename", "rename", "pencil")
TAGS = KeyAction("Edit tags", "tags", "tag")
LIMITS = KeyAction("Limits", "limits", "shield-check")
REVOKE = KeyAction("Revoke", "revoke", "ban")


def load_details(keys: ApiKeyQuerySet) -> ApiKeyQuerySet:
    """Returns the keys with all that a row needs."""
    live = Prefetch("secrets", KeySecret.objects.live())
    detailed = keys.with_use().with_creators().with_accounts().with_leaks()
    return detailed.select_related("project", "revoked_by").prefetch_related(live)


@dataclass(frozen=True, slots=True)
class KeyState:
    """The status of a key, with a warning if it leaked; of a revoked one since when, by whom and why."""

    label: str
    tone: str
    warning: str
    revoked: Moment | None
    reason: str
    short_reason: str

    @classmethod
    def of(cls, key: ApiKey) -> Self:
        status, reason = key.status, key.revoked_because
        leaked = key.is_leaked and not key.revoked_at
        return cls(
            label=status.label,
            tone=TONES[status],
            warning="Reported as leaked" if leaked else "",
            revoked=describe_revocation(key),
            reason=reason,
            short_reason=Truncator(reason).chars(REASON_LENGTH) if reason else "",
        )


@dataclass(frozen=True, slots=True)
class KeyCreator:
    """Whose a key is: of a service account, or of who created it, with a note if they have left since."""

    name: str
    note: str = ""

    @classmethod
    def of(cls, key: ApiKey) -> Self:
        if key.service_account:
            return cls(key.service_account.name, "service account")
        user = key.created_by
        if user is None:
            return cls(key.program_name or "—")
        has_left = not key.creator_is_in and not user.deleted_at
        return cls(user.name, "has left" if has_left else "")


@dataclass(frozen=True, slots=True)
class OldSecret:
    """The secret that a rotation replaced, for as long as it still works."""

    hint: str
    end: Moment
    last_used: Moment


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key in the table of its project."""

    key: ApiKey
    mark: str
    hint: str
    old_secret: OldSecret | None
    state: KeyState
    creator: KeyCreator
    created: Moment
    last_used: Moment
    expires: Moment
    menu: RowMenu


def create_key_row(
    key: ApiKey, url: str, actions: Collection[KeyAction], mark: str = "", *, budgets_url: str = ""
) -> KeyRow:
    """Returns the row of a key; `url` is what the URLs of its actions begin with.

    `budgets_url` is that of the project's budgets, empty for those who may not see them.
    """
    current, old = key.current_secret(), key.outgoing_secret()
    last_used = current.last_used_at if old else key.last_used_at
    return KeyRow(
        key=key,
        mark=mark,
        hint=current.hint,
        old_secret=describe_old_secret(key, old) if old else None,
        state=KeyState.of(key),
        creator=KeyCreator.of(key),
        created=Moment.of(key.created_at),
        last_used=Moment.of(last_used),
        expires=describe_expiry(key),
        menu=create_menu(key, url, actions, budgets_url),
    )


def describe_old_secret(key: ApiKey, secret: Any) -> OldSecret:
    return OldSecret(
        hint=secret.hint,
        end=Moment.of(key.outgoing_until).within("old, expires {}"),
        last_used=Moment.of(secret.last_used_at, "never used").within("old: {}"),
    )


def describe_revocation(key: ApiKey) -> Moment | None:
    """Returns when the key was revoked, with who did it; None if it is not revoked."""
    if not key.revoked_at:
        return None
    moment = Moment.of(key.revoked_at)
    return moment.within("{} by {name}", name=key.revoked_by.name) if key.revoked_by else moment


def describe_expiry(key: ApiKey) -> Moment:
    return Moment("—") if key.revoked_at else Moment.of_end(key.expires_at)


def create_menu(key: ApiKey, url: str, actions: Collection[KeyAction], budgets_url: str) -> RowMenu:
    """Returns the menu of a key's row; without any actions its id can still be copied."""
    links = {
        action.label: MenuLink(action.label, action.icon, f"{url}{action.path}/")
        for action in actions
    }
    removal = links.pop(REVOKE.label, None)
    return RowMenu(
        label=f"Actions for {key.name}",
        links=tuple(links.values()),
        pages=(MenuLink("Budgets", "gauge", f"{budgets_url}?key={key.public_id}"),)
        if budgets_url
        else (),
        copy=MenuCopy("Copy key ID", key.public_id),
        removal=removal,
    )
