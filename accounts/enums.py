"""Closed sets of the accounts app that are not roles or permissions."""

from django.db.models import TextChoices


class Delivery(TextChoices):
    """The delivery state of an outgoing email."""

    QUEUED = "queued", "Queued"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"


class InvitationState(TextChoices):
    """Only a pending invitation can be accepted; the other states are final."""

    PENDING = "pending", "Pending"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


class OrganizationState(TextChoices):
    """A suspended organization is read-only; a closed one is visible only to its Owner."""

    ACTIVE = "active", "Active"
    SUSPENDED = "suspended", "Suspended"
    CLOSED = "closed", "Closed"


class OfferState(TextChoices):
    """The state of an ownership offer. `ACCEPTING` lasts only while the database swaps the two roles."""

    PENDING = "pending", "Pending"
    ACCEPTING = "accepting", "Being accepted"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Notification(TextChoices):
    """Emails that a user can turn off, but not those about ownership, credentials and lost membership."""

    NEW_SIGN_IN = "new_sign_in", "Someone signs in to my account from a new browser"
    ADDED = "added", "Someone adds me to a project"
    INVITATION_ACCEPTED = "invitation_accepted", "Someone accepts my invitation"
    ROLE_CHANGED = "role_changed", "My role in an organization or project changes"
    PROJECT_REMOVED = "project_removed", "I am removed from a project"
    ACCESS_ENDING = "access_ending", "My access to a project is about to end"
    KEY_ENDING = (
        "key_ending",
        "An API key that I created or administer expires soon or was revoked by a key policy",
    )
    KEY_REVOKED = "key_revoked", "Someone else revokes an API key that I created"
    USAGE_MOVED = "usage_moved", "Support moves usage, which can change a bill of my organizations"
    BUDGET_ALERT = "budget_alert", "A budget whose alerts I receive reaches a threshold"
    REQUEST_ANSWERED = "request_answered", "Support answers a request of my organizations"
    REQUEST_WAITING = "request_waiting", "A customer sends a request to support"


# Emails to support staff alone.
STAFF_NOTIFICATIONS = frozenset({Notification.REQUEST_WAITING})


class FactorType(TextChoices):
    """What a person can sign in with, besides a password; the values are django-allauth's."""

    PASSKEY = "webauthn", "Passkey"
    AUTHENTICATOR_APP = "totp", "Authenticator app"
    RECOVERY_CODES = "recovery_codes", "Recovery codes"


# Recovery codes replace a lost second factor; they are not one themselves.
SECOND_FACTORS = (FactorType.PASSKEY, FactorType.AUTHENTICATOR_APP)


class SignInMethod(TextChoices):
    """How a session was started."""

    PASSWORD = "password", "a password"
    TRUSTED_BROWSER = "trusted", "a password in a trusted browser"
    AUTHENTICATOR_APP = "totp", "a password and an authenticator app"
    PASSKEY_SECOND = "password_passkey", "a password and a passkey"
    RECOVERY_CODE = "recovery", "a password and a recovery code"
    PASSKEY = "passkey", "a passkey"
    UNKNOWN = "unknown", "an unknown method"


class FactorResetState(TextChoices):
    """The state of a reset of second factors, which waits so that the person can cancel it."""

    PENDING = "pending", "Waiting"
    CANCELED = "canceled", "Canceled"
    DONE = "done", "Done"


class SupportRequestKind(TextChoices):
    PROJECTS = "projects", "More projects"
    EXTERNALS = "externals", "External collaborators"


class SupportRequestState(TextChoices):
    PENDING = "pending", "Pending"
    GRANTED = "granted", "Granted"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


class StaffRole(TextChoices):
    """What support staff may do beside seeing everything; each is a group of Django's of that name."""

    SUPPORT = "Support", "Support"
    CATALOGUE = "Catalogue", "Catalogue"
    READ_ONLY = "Read-only", "Read-only"


class PrincipalKind(TextChoices):
    """The kind of actor of an audit event."""

    PERSON = "person", "Person"
    STAFF = "staff", "Support staff"
    CONSOLE = "console", "Console"
    ADMIN_KEY = "admin_key", "Admin API key"
    SERVICE_ACCOUNT = "service_account", "Service account"


class Action(TextChoices):
    """The actions that audit events record, named `<object>.<past participle>`."""

    ORGANIZATION_CREATED = "organization.created", "Organization created"
    ORGANIZATION_CHANGED = "organization.changed", "Organization settings changed"
    ORGANIZATION_LIMITS_CHANGED = "organization.limits_changed", "Limits changed by support"
    ORGANIZATION_SUSPENDED = "organization.suspended", "Organization suspended by support"
    ORGANIZATION_REOPENED = "organization.reopened", "Organization reopened by support"
    ORGANIZATION_CLOSED = "organization.closed", "Organization closed"
    OWNERSHIP_OFFERED = "ownership.offered", "Ownership offered"
    OWNERSHIP_WITHDRAWN = "ownership.withdrawn", "Offer of ownership withdrawn"
    OWNERSHIP_DECLINED = "ownership.declined", "Offer of ownership declined"
    OWNERSHIP_TRANSFERRED = "ownership.transferred", "Ownership transferred"
    MEMBER_JOINED = "member.joined", "Member joined"
    MEMBER_ROLE_CHANGED = "member.role_changed", "Member's role changed"
    MEMBER_REMOVED = "member.removed", "Member removed"
    MEMBER_LEFT = "member.left", "Member left"
    INVITATION_SENT = "invitation.sent", "Invitation sent"
    INVITATION_RESENT = "invitation.resent", "Invitation resent"
    INVITATION_LINK_COPIED = "invitation.link_copied", "Invitation link shown"
    INVITATION_WITHDRAWN = "invitation.withdrawn", "Invitation withdrawn"
    INVITATION_ACCEPTED = "invitation.accepted", "Invitation accepted"
    INVITATION_DECLINED = "invitation.declined", "Invitation declined"
    SUPPORT_REQUESTED = "support.requested", "Support request sent"
    SUPPORT_WITHDRAWN = "support.withdrawn", "Support request withdrawn"
    SUPPORT_GRANTED = "support.granted", "Support granted a request"
    SUPPORT_DECLINED = "support.declined", "Support declined a request"
    EMAIL_RESENT = "email.resent", "Email sent again by support"
    STAFF_ADDED = "staff.added", "Staff member added"
    STAFF_ROLE_CHANGED = "staff.role_changed", "Staff role changed"
    VIEW_AS_STARTED = "support.view_as_started", "Support started viewing as a member"
    VIEW_AS_ENDED = "support.view_as_ended", "Support stopped viewing as a member"
    PROJECT_CREATED = "project.created", "Project created"
    PROJECT_CHANGED = "project.changed", "Project settings changed"
    PROJECT_SLUG_CHANGED = "project.slug_changed", "Project's slug changed"
    PROJECT_TAGS_CHANGED = "project.tags_changed", "Project's tags changed"
    PROJECT_ARCHIVED = "project.archived", "Project archived"
    PROJECT_RESTORED = "project.restored", "Project restored"
    COLLABORATOR_ADDED = "collaborator.added", "Collaborator added"
    COLLABORATOR_REMOVED = "collaborator.removed", "Collaborator removed"
    COLLABORATOR_ROLE_CHANGED = "collaborator.role_changed", "Collaborator's role changed"
    COLLABORATOR_LEFT = "collaborator.left", "Collaborator left"
    COLLABORATOR_END_DATE_CHANGED = (
        "collaborator.end_date_changed",
        "Collaborator's end date changed",
    )
    COLLABORATOR_ENDED = "collaborator.ended", "Collaborator's access ended"
    COLLABORATOR_VOUCHED = "collaborator.vouched", "External collaborator vouched for"
    SERVICE_ACCOUNT_CREATED = "service_account.created", "Service account created"
    SERVICE_ACCOUNT_RENAMED = "service_account.renamed", "Service account renamed"
    SERVICE_ACCOUNT_ROLE_CHANGED = "service_account.role_changed", "Service account's role changed"
    SERVICE_ACCOUNT_REMOVED = "service_account.removed", "Service account removed"
    ACCOUNT_TOKEN_CREATED = "service_account.token_created", "Service account token created"
    ACCOUNT_TOKEN_REVOKED = "service_account.token_revoked", "Service account token revoked"
    KEY_CREATED = "key.created", "API key created"
    KEY_RENAMED = "key.renamed", "API key renamed"
    KEY_ROTATED = "key.rotated", "API key rotated"
    KEY_ROTATION_FINISHED = "key.rotation_finished", "API key's rotation finished"
    KEY_ROTATION_UNDONE = "key.rotation_undone", "API key's rotation undone"
    KEY_EXPIRATION_CHANGED = "key.expiration_changed", "API key's expiration changed"
    KEY_TAGS_CHANGED = "key.tags_changed", "API key's tags changed"
    KEY_REVOKED = "key.revoked", "API key revoked"
    KEY_LEAK_REPORTED = "key.leak_reported", "API key reported as leaked"
    LIMITS_CHANGED = "limits.changed", "Limits of requests changed"
    KEY_POLICY_CHANGED = "key_policy.changed", "Key policy changed"
    DEFAULT_KEY_REVEALED = "default_key.revealed", "Default Key revealed"
    DEFAULT_KEY_REGENERATED = "default_key.regenerated", "Default Key regenerated"
    CREDENTIAL_CREATED = "credential.created", "Service credential created"
    CREDENTIAL_REVOKED = "credential.revoked", "Service credential revoked"
    TERMINAL_APPROVED = "terminal.approved", "Terminal login approved"
    TERMINAL_DENIED = "terminal.denied", "Terminal login denied"
    TERMINAL_ENDED = "terminal.ended", "Terminal ended"
    TERMINAL_LOGIN_CHANGED = "terminal_login.changed", "Terminal login turned on or off"
    ADMIN_KEY_CREATED = "admin_key.created", "Admin API key created"
    ADMIN_KEY_REVOKED = "admin_key.revoked", "Admin API key revoked"
    TOKEN_CREATED = "token.created", "Access token created"
    TOKEN_REVOKED = "token.revoked", "Access token revoked"
    BUDGET_CREATED = "budget.created", "Budget created"
    BUDGET_CHANGED = "budget.changed", "Budget changed"
    BUDGET_DELETED = "budget.deleted", "Budget deleted"
    PRODUCT_CREATED = "product.created", "Product added to the catalogue"
    PRODUCT_CHANGED = "product.changed", "Product of the catalogue changed"
    LINE_ITEM_CREATED = "line_item.created", "Line item added to the catalogue"
    LINE_ITEM_CHANGED = "line_item.changed", "Line item of the catalogue changed"
    PRICE_CREATED = "price.created", "Price added"
    PRICE_CHANGED = "price.changed", "Price changed"
    PRICE_DELETED = "price.deleted", "Scheduled price canceled"
    MODEL_ALIAS_CREATED = "model_alias.created", "Model alias added"
    MODEL_ALIAS_CHANGED = "model_alias.changed", "Model alias changed"
    MODEL_ALIAS_DELETED = "model_alias.deleted", "Model alias removed"
    USAGE_IMPORTED = "usage.imported", "Usage imported from a file"
    USAGE_MOVED = "usage.moved", "Usage moved to its intended projects"
    USAGE_MOVED_BACK = "usage.moved_back", "Usage moved back"
    SIGNED_IN = "user.signed_in", "Signed in"
    SIGN_IN_FAILED = "user.sign_in_failed", "Sign-in failed"
    PASSWORD_CHANGED = "user.password_changed", "Password changed"
    PASSWORD_REMOVED = "user.password_removed", "Password removed"
    FACTOR_ADDED = "factor.added", "Sign-in method added"
    FACTOR_RENAMED = "factor.renamed", "Sign-in method renamed"
    FACTOR_REMOVED = "factor.removed", "Sign-in method removed"
    RECOVERY_CODES_CREATED = "factor.codes_created", "Recovery codes created"
    RECOVERY_CODE_USED = "factor.code_used", "Recovery code used"
    FACTOR_FAILED = "factor.failed", "Second factor failed"
    FACTOR_RESET_REQUESTED = (
        "factor.reset_requested",
        "Reset of second factors requested by support",
    )
    FACTOR_RESET_CANCELED = "factor.reset_canceled", "Reset of second factors canceled"
    FACTORS_RESET = "factor.reset", "Second factors reset"
    BROWSER_TRUSTED = "browser.trusted", "Browser trusted"
    BROWSER_TRUST_ENDED = "browser.trust_ended", "Browser no longer trusted"
    SESSION_ENDED = "session.ended", "Session ended"
    SESSIONS_ENDED = "session.others_ended", "All other sessions ended"
    SIGN_IN_RULES_CHANGED = "sign_in_rules.changed", "Sign-in rules changed"
    PROFILE_CHANGED = "user.profile_changed", "Profile changed"
    NOTIFICATIONS_CHANGED = "user.notifications_changed", "Notification settings changed"
    ACCOUNT_DELETED = "user.deleted", "Account deleted"
