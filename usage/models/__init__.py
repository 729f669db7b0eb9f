"""Tables of the catalogue, of usage records, and of their totals."""

from usage.models.budget import Budget, BudgetAlert, BudgetSpend, SentAlert
from usage.models.catalogue import LineItem, ModelAlias, ModelName, Price, Product
from usage.models.reattribution import Reattribution
from usage.models.record import SeriesWalk, UsageRecord, UsageSource
from usage.models.saved_view import SavedView
from usage.models.series import Series
from usage.models.totals import DailyTotal, HourlyTotal

__all__ = [
    "Budget",
    "BudgetAlert",
    "BudgetSpend",
    "DailyTotal",
    "HourlyTotal",
    "LineItem",
    "ModelAlias",
    "ModelName",
    "Price",
    "Product",
    "Reattribution",
    "SavedView",
    "SentAlert",
    "Series",
    "SeriesWalk",
    "UsageRecord",
    "UsageSource",
]
