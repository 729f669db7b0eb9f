"""Models of users, organizations, invitations, email, support and the audit log."""

from accounts.models.audit import AuditChain, AuditEvent, PersonalData
from accounts.models.factor_reset import FactorReset
from accounts.models.form_token import FormToken
from accounts.models.idempotency import StoredAnswer
from accounts.models.invitation import Invitation
from accounts.models.mail import OutgoingMail
from accounts.models.membership import Membership
from accounts.models.notification import MutedNotification
from accounts.models.organization import Organization
from accounts.models.ownership_offer import OwnershipOffer
from accounts.models.periods import MembershipPeriod
from accounts.models.sessions import TrustedBrowser, UserSession
from accounts.models.support import SupportRequest, ViewAs
from accounts.models.user import User

__all__ = [
    "AuditChain",
    "AuditEvent",
    "FactorReset",
    "FormToken",
    "Invitation",
    "Membership",
    "MembershipPeriod",
    "MutedNotification",
    "Organization",
    "OutgoingMail",
    "OwnershipOffer",
    "PersonalData",
    "StoredAnswer",
    "SupportRequest",
    "TrustedBrowser",
    "User",
    "UserSession",
    "ViewAs",
]
