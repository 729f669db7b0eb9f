"""The triggers on this app's tables."""

from accounts.triggers.audit import AUDIT_TRIGGERS
from accounts.triggers.members import MEMBER_TRIGGERS
from accounts.triggers.periods import MEMBERSHIP_PERIOD_TRIGGERS

TRIGGERS = (*MEMBER_TRIGGERS, *MEMBERSHIP_PERIOD_TRIGGERS, *AUDIT_TRIGGERS)
