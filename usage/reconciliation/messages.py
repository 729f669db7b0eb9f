"""What reconciling found, in words: names for primary keys, decimals for amounts."""

from functools import cache
from typing import Any

from django.db.models import Model

from accounts.models import Organization, User
from keys.models import ApiKey
from projects.models import Project
from usage.amounts import COST_DIGITS, PRICE_DIGITS, QUANTITY_DIGITS, text_of
from usage.enums import Reason
from usage.models import LineItem, ModelName
from usage.reconciliation.records import Amounts, Compared, Key
from usage.reconciliation.surfaces import Differing, Shown


def told(one: Compared) -> str:
    found = "; ".join(f"{source} {amounts_of(amounts)}" for source, amounts in one.found.items())
    return f"{key_of(one.key)}: {found}"


def told_shown(one: Differing) -> str:
    cell = one.cell
    place = f"{one.organization.slug} {name(Project, 'slug', cell.project)} {cell.day}"
    spoken = amounts_of if any(shown.requests for shown in one.found.values()) else sum_of
    found = "; ".join(f"{source} {spoken(shown)}" for source, shown in one.found.items())
    return f"{place} {item_of(cell.line_item)}: {found}"


def item_of(pk: int) -> str:
    return f"{name(LineItem, 'product__code', pk)}/{name(LineItem, 'code', pk)}"


def amounts_of(amounts: Amounts | Shown) -> str:
    return f"{sum_of(amounts)} in {amounts.requests} requests"


def sum_of(amounts: Amounts | Shown) -> str:
    quantity, cost = text_of(amounts.quantity, QUANTITY_DIGITS), text_of(amounts.cost, COST_DIGITS)
    return f"{quantity} for {cost} USD"


def key_of(key: Key) -> str:
    place = f"{name(Organization, 'slug', key.organization)} {name(Project, 'slug', key.project)}"
    details = [
        name(ModelName, "name", key.model),
        key.meant_project and f"meant for {name(Project, 'slug', key.meant_project)}",
        key.api_key and name(ApiKey, "public_id", key.api_key),
        key.user and name(User, "public_id", key.user),
        Reason(key.reason).label,
        f"{text_of(key.unit_price, PRICE_DIGITS)} USD each",
    ]
    said = ", ".join(str(detail) for detail in details if detail)
    return f"{place} {key.day} {item_of(key.line_item)} ({said})"


@cache
def name(table: type[Model], field: str, pk: int) -> Any:
    found = table._default_manager.filter(pk=pk).values_list(field, flat=True).first()
    return f"{table._meta.verbose_name} {pk}" if found is None else found
