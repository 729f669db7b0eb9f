"""Closed sets of the keys app."""

from enum import StrEnum

from django.db.models import IntegerChoices, TextChoices


class KeyKind(TextChoices):
    """A project's own keys, and the one Default Key of each organization."""

    PROJECT = "project", "Project key"
    DEFAULT = "default", "Organization Default Key"


class KeyStatus(TextChoices):
    """The status of a key in lists; computed from its times, never stored."""

    ACTIVE = "active", "Active"
    ROTATING = "rotating", "Rotating"
    EXPIRES_SOON = "expires-soon", "Expires soon"
    EXPIRED = "expired", "Expired"
    REVOKED = "revoked", "Revoked"


class Segment(TextChoices):
    """The segments of an organization's keys that admins look at; all but the last hold active keys."""

    ACTIVE = "active", "All active"
    UNUSED_30 = "unused-30", "Unused for 30 days"
    UNUSED_90 = "unused-90", "Unused for 90 days"
    NEVER_EXPIRES = "never-expires", "Never expires"
    CREATOR_GONE = "creator-gone", "Creator has left"
    OUTLIVES_POLICY = "outlives-policy", "Exceeding the key policy"
    ALL = "all", "All, including revoked"


class KeyMakers(TextChoices):
    """Who may create and rotate keys under an organization's key policy."""

    EVERYBODY = "everybody", "Everyone with access to the project"
    ADMINS = "admins", "Project Admins, the Owner and Admins"


class LeakResponse(TextChoices):
    """What happens to a key that was found in public."""

    REVOKE = "revoke", "Revoke it immediately and notify the admins"
    NOTIFY = "notify", "Only notify the admins"


class Code(StrEnum):
    """The result of verifying a key, for gateways."""

    VALID = "valid"
    MALFORMED = "malformed"
    NOT_FOUND = "not_found"
    REVOKED = "revoked"
    EXPIRED = "expired"
    PROJECT_ARCHIVED = "project_archived"
    ORGANIZATION_SUSPENDED = "organization_suspended"
    ADDRESS = "address"
    ADDRESS_REQUIRED = "address_required"
    MODEL = "model"
    MODEL_REQUIRED = "model_required"
    BUDGET_EXCEEDED = "budget_exceeded"
    RATE_LIMITED = "rate_limited"


class ModelRule(TextChoices):
    """Which models a key or project may be used for."""

    ANY = "any", "Any model"
    ALLOW = "allow", "Only these models"
    DENY = "deny", "All models except these"


class SpendScope(IntegerChoices):
    """What a budget limits, and what is blocked once the budget is spent."""

    ORGANIZATION = 1, "Organization"
    PROJECT = 2, "Project"
    API_KEY = 3, "API key"
    PERSON = 4, "Person"
    SERVICE_ACCOUNT = 5, "Service account"


class CallerKind(StrEnum):
    """The kind of a credential, in the official client's vocabulary."""

    KEY = "project_api_key"
    ADMIN_KEY = "org_api_key"
    LOGIN = "user_jwt"
    ORGANIZATION = "user_org_jwt"
    SCOPED = "user_org_project_jwt"


class TokenScope(TextChoices):
    """What a personal access token may do, limited to what its user may do at the moment."""

    READ = "read", "Read"
    WRITE = "write", "Read and write"


class LoginState(TextChoices):
    """The state of a terminal's login. It is decided once, and an approved one yields its tokens once."""

    PENDING = "pending", "Waiting"
    APPROVED = "approved", "Approved"
    DENIED = "denied", "Denied"
    USED = "used", "Used"


class SessionEnd(TextChoices):
    """Why a terminal was signed out before its session expired."""

    BY_HAND = "by_hand", "Signed out on the Terminals page"
    BY_CLIENT = "by_client", "Signed out in the terminal"
    REUSE = "reuse", "A refresh token was used twice, which suggests theft"
    PASSWORD = "password", "The password was changed"
    LEAK = "leak", "A token was found in public"
    ACCOUNT = "account", "The account was deactivated"
    FACTORS = "factors", "Support reset the second factors"
