"""Tables of people, organizations, invitations, support requests and the audit trail."""

from accounts.models.audit import AuditEvent
from accounts.models.invitation import Invitation
from accounts.models.organization import Membership, Organization
from accounts.models.support import SupportRequest
from accounts.models.user import User

__all__ = ["AuditEvent", "Invitation", "Membership", "Organization", "SupportRequest", "User"]
