"""The filter of a usage page: what can be chosen in it, what is chosen, and addresses with other choices."""

from collections.abc import Iterable
from typing import NamedTuple

from django.http import QueryDict

from accounts.models import User
from keys.models import ApiKey
from usage.enums import Dimension
from usage.reports.forms import EXCLUDE, ReportForm
from usage.reports.labels import NO_KEY, NO_PERSON, NONE
from usage.reports.scope import Scope

OFFERED = 50  # of keys, projects, people each
PAGING = "page"


class Link(NamedTuple):
    label: str
    url: str
    current: bool = False


class Offer(NamedTuple):
    """A value of a filter: how an address names it, and whether it is let through or left out."""

    reference: str
    label: str
    only: bool
    without: bool


class Offers(NamedTuple):
    """What one dimension can be filtered by; open when something of it is chosen."""

    dimension: Dimension
    offers: list[Offer]

    @property
    def chosen(self) -> bool:
        return any(one.only or one.without for one in self.offers)


class Address:
    """Addresses that differ from the present one in a few parameters."""

    def __init__(self, query: QueryDict) -> None:
        self.query = query.copy()
        for name in (PAGING, "format"):
            self.query.pop(name, None)

    def url(self, **changes: str) -> str:
        changed = self.query.copy()
        for name, value in changes.items():
            if value:
                changed[name] = value
            else:
                changed.pop(name, None)
        return f"?{changed.urlencode()}"

    def without(self, name: str, value: str) -> str:
        changed = self.query.copy()
        changed.setlist(name, [one for one in changed.getlist(name) if one != value])
        return f"?{changed.urlencode()}"


def filters(
    scope: Scope, form: ReportForm, labels: dict[Dimension, dict[str, str]]
) -> list[Offers]:
    """What can be chosen in the filter; what is chosen is always among it."""
    found = []
    for dimension in scope.dimensions:
        known = {**offered(scope, form, dimension), **labels.get(dimension, {})}
        only = form.references(dimension.value)
        without = form.references(EXCLUDE + dimension.value)
        shown_too = [one for one in (*only, *without) if one not in known]
        if len(known) > OFFERED:
            kept = {*list(known)[:OFFERED], *only, *without}
            known = {one: label for one, label in known.items() if one in kept}
        known |= {one: one for one in shown_too}
        offers = [Offer(one, known[one], one in only, one in without) for one in known]
        found.append(Offers(dimension, offers))
    return found


def offered(scope: Scope, form: ReportForm, dimension: Dimension) -> dict[str, str]:
    """The first of what there is, by name: how an address names it, and what it is called."""
    items = form.items.all.values()
    if dimension == Dimension.PRODUCT:
        return {one.product.code: one.product.name for one in items}
    if dimension == Dimension.LINE_ITEM:
        return {one.code: one.name for one in items}
    organization = scope.organization
    if dimension == Dimension.PROJECT:
        projects = organization.projects.order_by("-is_default", "name", "pk")
        return {one.slug: one.name for one in projects[:OFFERED]}
    if dimension == Dimension.API_KEY:
        keys = ApiKey.objects.in_organization(organization).listed()
        if scope.project:
            keys = keys.filter(project=scope.project)
        listed = keys.order_by("name", "pk")[:OFFERED]
        return {**{one.public_id: one.name for one in listed}, NONE: NO_KEY}
    return {**{one.public_id: one.name for one in people(scope)}, NONE: NO_PERSON}


def people(scope: Scope) -> Iterable[User]:
    found = User.objects.filter(memberships__organization=scope.organization)
    if scope.project and not scope.project.is_default:
        found = User.objects.filter(collaborations__project=scope.project) | found
    return found.only("name", "public_id").distinct().order_by("name", "pk")[:OFFERED]


def chips_of(offers: Iterable[Offers], address: Address) -> Iterable[Link]:
    """What is chosen, each with the address without it."""
    for one in offers:
        for offer in one.offers:
            name = one.dimension.value
            if offer.only:
                url = address.without(name, offer.reference)
                yield Link(f"{one.dimension.label}: {offer.label}", url)
            if offer.without:
                url = address.without(EXCLUDE + name, offer.reference)
                yield Link(f"{one.dimension.label}: not {offer.label}", url)
