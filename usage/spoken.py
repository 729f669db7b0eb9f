"""What reconciling found, in words: names for primary keys, decimals for amounts."""

from functools import cache
from typing import Any

from django.db.models import Model

from accounts.models import Organization, User
from keys.models import ApiKey
from projects.models import Project
from usage.amounts import COST_DIGITS, QUANTITY_DIGITS, text_of
from usage.enums import Reason
from usage.models import LineItem, ModelName
from usage.reconcile import Amounts, Compared, Key


def told(one: Compared) -> str:
    found = "; ".join(f"{source} {amounts_of(amounts)}" for source, amounts in one.found.items())
    return f"{key_of(one.key)}: {found}"


def amounts_of(amounts: Amounts) -> str:
    quantity = text_of(amounts.quantity, QUANTITY_DIGITS)
    return f"{quantity} for {text_of(amounts.cost, COST_DIGITS)} USD in {amounts.requests} requests"


def key_of(key: Key) -> str:
    place = f"{name(Organization, 'slug', key.organization)} {name(Project, 'slug', key.project)}"
    item = name(LineItem, "product__code", key.line_item)
    details = [
        name(ModelName, "name", key.model),
        key.meant_project and f"meant for {name(Project, 'slug', key.meant_project)}",
        key.api_key and name(ApiKey, "public_id", key.api_key),
        key.user and name(User, "public_id", key.user),
        Reason(key.reason).label,
    ]
    said = ", ".join(str(detail) for detail in details if detail)
    return f"{place} {key.day} {item}/{name(LineItem, 'code', key.line_item)} ({said})"


@cache
def name(table: type[Model], field: str, pk: int) -> Any:
    found = table._default_manager.filter(pk=pk).values_list(field, flat=True).first()
    return f"{table._meta.verbose_name} {pk}" if found is None else found
