"""The models that took the price for any model, with what they cost lately: a page for support staff."""

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlencode

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.urls import reverse

from usage.ids import OrganizationId
from usage.models import DailyTotal, Price
from usage.models.catalogue import ANY_MODEL, fold_model_column
from usage.models.totals import TotalQuerySet
from usage.reports.formatting import format_exact_money, format_money

DAYS = 30
MAX_LISTED = 200


class UnpricedKey(NamedTuple):
    """What the totals are summed by: the name as it was sent, and the one that it goes by."""

    name: str
    canonical: str
    organization_id: OrganizationId


class UnpricedModel(NamedTuple):
    """A name that was sent, whose cost is in 10⁻¹⁰ USD."""

    name: str
    canonical: str
    cost: int
    organizations: int

    @property
    def money(self) -> str:
        return format_money(self.cost)

    @property
    def exact_money(self) -> str:
        return format_exact_money(self.cost)

    @property
    def other_name(self) -> str:
        """Returns the name that it goes by, '' if that is its own."""
        return "" if self.canonical == self.name else self.canonical

    @property
    def price_url(self) -> str:
        return f"{reverse('admin:usage_price_create')}?{urlencode({'model': self.canonical})}"

    @property
    def alias_url(self) -> str:
        return f"{reverse('admin:usage_modelalias_create')}?{urlencode({'pattern': self.name})}"


def list_unpriced_models(today: dt.date) -> list[UnpricedModel]:
    """Returns the names without a price of their own, the most expensive of the last 30 days first.

    Of usage that is billed to organizations without a price for them either. One query.
    """
    since = today - dt.timedelta(days=DAYS - 1)
    totals = exclude_priced(DailyTotal.objects.filter(day__range=(since, today)))
    costs: dict[tuple[str, str], list[int]] = {}
    for total in totals.sum_by(UnpricedKey):
        if not total.is_empty:
            costs.setdefault((total.key.name, total.key.canonical), []).append(total.cost)
    models = (UnpricedModel(*names, sum(parts), len(parts)) for names, parts in costs.items())
    return sorted(models, key=lambda model: (-model.cost, model.name))


def exclude_priced(totals: TotalQuerySet) -> TotalQuerySet:
    """Returns the totals of models without a price of the line item, begun or scheduled."""
    whose = Q(organization=None) | Q(organization=OuterRef("organization"))
    prices = Price.objects.filter(whose, line_item=OuterRef("line_item")).alias(
        key=fold_model_column("model")
    )
    of_name = Q(key=fold_model_column(OuterRef("name"))) | Q(
        key=fold_model_column(OuterRef("canonical"))
    )
    named: TotalQuerySet = totals.exclude(model__name=ANY_MODEL).annotate(
        name=F("model__name"),
        canonical=Coalesce("model__canonical__name", "model__name"),
    )
    unpriced: TotalQuerySet = named.filter(~Exists(prices.filter(of_name)))
    return unpriced


def describe_rest(models: list[UnpricedModel]) -> Iterator[str]:
    """Yields a sentence about the models that are not listed, if there are any."""
    rest = models[MAX_LISTED:]
    if rest:
        yield f"{len(rest):,} more come to {format_money(sum(model.cost for model in rest))}."
