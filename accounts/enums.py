"""Closed sets of the accounts app that are not roles or permissions."""

from django.db.models import TextChoices


class Delivery(TextChoices):
    """How far the mail of an invitation has come."""

    QUEUED = "queued", "Queued"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"


class InvitationState(TextChoices):
    """Only a pending invitation can be accepted; the other states are final."""

    PENDING = "pending", "Pending"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


class SupportRequestKind(TextChoices):
    PROJECTS = "projects", "More projects"
    EXTERNALS = "externals", "External collaborators"


class SupportRequestState(TextChoices):
    PENDING = "pending", "Pending"
    GRANTED = "granted", "Granted"
    DECLINED = "declined", "Declined"


class Act(TextChoices):
    """What an audit event says was done: `<object>.<past participle>`."""

    ORGANIZATION_CREATED = "organization.created", "Organization created"
    ORGANIZATION_CHANGED = "organization.changed", "Organization settings changed"
    ORGANIZATION_LIMITS_CHANGED = "organization.limits_changed", "Limits changed by support"
    MEMBER_JOINED = "member.joined", "Member joined"
    INVITATION_SENT = "invitation.sent", "Invitation sent"
    INVITATION_RESENT = "invitation.resent", "Invitation resent"
    INVITATION_LINK_COPIED = "invitation.link_copied", "Invitation link shown"
    INVITATION_WITHDRAWN = "invitation.withdrawn", "Invitation withdrawn"
    INVITATION_ACCEPTED = "invitation.accepted", "Invitation accepted"
    INVITATION_DECLINED = "invitation.declined", "Invitation declined"
    SUPPORT_REQUESTED = "support.requested", "Support asked"
    PROJECT_CREATED = "project.created", "Project created"
    PROJECT_CHANGED = "project.changed", "Project settings changed"
    COLLABORATOR_ADDED = "collaborator.added", "Collaborator added"
    COLLABORATOR_REMOVED = "collaborator.removed", "Collaborator removed"
    COLLABORATOR_ROLE_CHANGED = "collaborator.role_changed", "Collaborator's role changed"
    COLLABORATOR_LEFT = "collaborator.left", "Collaborator left"
    PROFILE_CHANGED = "user.profile_changed", "Profile changed"
