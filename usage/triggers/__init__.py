"""Triggers of the usage app."""

from accounts.triggers.kinds import Trigger
from usage.triggers.budgets import BUDGET_TRIGGERS
from usage.triggers.records import RECORD_TRIGGERS

TRIGGERS: tuple[Trigger, ...] = (*RECORD_TRIGGERS, *BUDGET_TRIGGERS)
