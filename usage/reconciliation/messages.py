"""Formats findings of reconciliation: names for primary keys, decimals for amounts."""

from functools import cache
from typing import Any

from django.db.models import Model

from accounts.models import Organization, User
from keys.models import ApiKey
from projects.models import Project
from usage.amounts import COST_DIGITS, PRICE_DIGITS, QUANTITY_DIGITS, Amounts, format_decimal
from usage.enums import Reason
from usage.ids import LineItemId
from usage.models import LineItem, ModelName
from usage.reconciliation.records import Comparison, ReconciledKey
from usage.reconciliation.surfaces import SurfaceFinding


def format_comparison(comparison: Comparison) -> str:
    """Returns a line such as `northwind research 2026-11-01 …: records 1 …; daily totals 2 …`."""
    amounts = "; ".join(
        f"{source} {format_amounts(amounts)}" for source, amounts in comparison.amounts.items()
    )
    return f"{format_key(comparison.key)}: {amounts}"


def format_finding(finding: SurfaceFinding) -> str:
    cell = finding.cell
    project = find_name(Project, "slug", cell.project_id)
    location = f"{finding.organization.slug} {project} {cell.day}"
    has_requests = any(amounts.requests for amounts in finding.amounts.values())
    format_sums = format_amounts if has_requests else format_sum
    amounts = "; ".join(
        f"{source} {format_sums(amounts)}" for source, amounts in finding.amounts.items()
    )
    return f"{location} {format_item(cell.line_item_id)}: {amounts}"


def format_item(pk: LineItemId) -> str:
    product = find_name(LineItem, "product__code", pk)
    return f"{product}/{find_name(LineItem, 'code', pk)}"


def format_amounts(amounts: Amounts) -> str:
    return f"{format_sum(amounts)} in {amounts.requests} requests"


def format_sum(amounts: Amounts) -> str:
    quantity = format_decimal(amounts.quantity, QUANTITY_DIGITS)
    return f"{quantity} for {format_decimal(amounts.cost, COST_DIGITS)} USD"


def format_key(key: ReconciledKey) -> str:
    organization = find_name(Organization, "slug", key.organization_id)
    project = find_name(Project, "slug", key.project_id)
    details = [
        find_name(ModelName, "name", key.model_id),
        key.intended and f"intended for {find_name(Project, 'slug', key.intended)}",
        key.key and find_name(ApiKey, "public_id", key.key),
        key.actor and find_name(User, "public_id", key.actor),
        Reason(key.reason).label,
        f"{format_decimal(key.unit_price, PRICE_DIGITS)} USD each",
    ]
    joined = ", ".join(str(detail) for detail in details if detail)
    item = format_item(key.line_item_id)
    return f"{organization} {project} {key.utc_day} {item} ({joined})"


@cache
def find_name(table: type[Model], field: str, pk: int) -> Any:
    """Returns a field of a row, or the kind and primary key if there is no such row."""
    name = table._default_manager.filter(pk=pk).values_list(field, flat=True).first()
    return f"{table._meta.verbose_name} {pk}" if name is None else name
