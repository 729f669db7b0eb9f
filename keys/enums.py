"""Closed sets of the keys app."""

from enum import StrEnum

from django.db.models import TextChoices


class KeyKind(TextChoices):
    """A project's own keys, and the one Default Key of each organization."""

    PROJECT = "project", "Project key"
    DEFAULT = "default", "Organization Default Key"


class KeyStatus(TextChoices):
    """What a list says of a key; worked out from its times, never stored."""

    ACTIVE = "active", "Active"
    ROTATING = "rotating", "Rotating"
    EXPIRES_SOON = "expires-soon", "Expires soon"
    EXPIRED = "expired", "Expired"
    REVOKED = "revoked", "Revoked"


class Segment(TextChoices):
    """What admins look for among their organization's keys; all but the last are active ones."""

    ACTIVE = "active", "All active"
    UNUSED_30 = "unused-30", "Unused for 30 days"
    UNUSED_90 = "unused-90", "Unused for 90 days"
    NEVER_EXPIRES = "never-expires", "Never expiring"
    CREATOR_GONE = "creator-gone", "Creator gone"
    OUTLIVES_POLICY = "outlives-policy", "Outliving the key policy"
    ALL = "all", "All, revoked ones too"


class KeyMakers(TextChoices):
    """Whom an organization's key policy lets create and rotate keys."""

    EVERYBODY = "everybody", "Everybody who works in the project"
    ADMINS = "admins", "Project Admins, the Owner and Admins"


class LeakResponse(TextChoices):
    """What happens to a key that somebody found in public."""

    REVOKE = "revoke", "Revoke it at once and tell the admins"
    NOTIFY = "notify", "Only tell the admins"


class Code(StrEnum):
    """How a key is verified, for the gateway that asks."""

    VALID = "valid"
    MALFORMED = "malformed"
    NOT_FOUND = "not_found"
    REVOKED = "revoked"
    EXPIRED = "expired"
    PROJECT_ARCHIVED = "project_archived"
    ORGANIZATION_SUSPENDED = "organization_suspended"


class CallerKind(StrEnum):
    """What a credential is, in the words of the official client, which knows no others."""

    KEY = "project_api_key"
    LOGIN = "user_jwt"
    ORGANIZATION = "user_org_jwt"
    SCOPED = "user_org_project_jwt"


class TokenScope(TextChoices):
    """What a personal access token is for; never more than its person may do at the moment."""

    READ = "read", "Read"
    WRITE = "write", "Read and write"


class LoginState(TextChoices):
    """Of a login that a terminal asks for. Decided once; an approved one gives its tokens once."""

    PENDING = "pending", "Waiting"
    APPROVED = "approved", "Approved"
    DENIED = "denied", "Denied"
    USED = "used", "Used"


class SessionEnd(TextChoices):
    """Why a terminal is logged out, if not by time."""

    BY_HAND = "by_hand", "Ended on the page of terminals"
    BY_CLIENT = "by_client", "Logged out in the terminal"
    REUSE = "reuse", "A refresh token was used a second time, as a thief would"
    PASSWORD = "password", "The password was changed"
    LEAK = "leak", "A token was found in public"
