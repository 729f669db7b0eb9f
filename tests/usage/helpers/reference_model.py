"""A small reference model of usage: what a console must come to after any history of acts.

It keeps one entry an event and recomputes everything from there with decimals; it shares no code with the
console but the names of products.
"""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal

# Product, line item, unit; whether it works across projects to begin with.
PRODUCTS = {
    "serverless-inference": ("output_tokens", "token", True),
    "volumes": ("gb_hours", "gb-hour", False),
    "evaluations": ("judged_tokens", "token", False),
    "playground": ("output_tokens", "token", False),
}
FIRST_PRICES = {
    "serverless-inference": Decimal("0.00000088"),
    "volumes": Decimal("0.000137"),
    "evaluations": Decimal("0.0000006"),
    "playground": Decimal("0.00000088"),
}


@dataclass
class Entry:
    """An event as the model sees it; `place` is the name of the project where it is billed now."""

    product: str
    day: dt.date
    quantity: Decimal
    unit_price: Decimal
    meant: str
    place: str
    reason: str
    first_place: str
    void: bool = False

    @property
    def cost(self) -> Decimal:
        return (self.quantity * self.unit_price).quantize(Decimal("1e-10"), ROUND_HALF_EVEN)


@dataclass
class Model:
    """The console as it should be. People and projects go by the names of the tests' world."""

    entries: dict[str, Entry] = field(default_factory=dict)
    multi: dict[str, bool] = field(default_factory=dict)
    prices: dict[str, list[tuple[dt.date, Decimal]]] = field(default_factory=dict)
    removed: dict[str, dt.date] = field(default_factory=dict)

    def price(self, product: str, day: dt.date) -> Decimal:
        begun = [price for start, price in self.prices.get(product, []) if start <= day]
        return begun[-1] if begun else FIRST_PRICES[product]

    def use(self, event: str, who: str, product: str, day: dt.date, quantity: Decimal) -> bool:
        """Counts an event; whether it is one that the person may have caused."""
        if who in self.removed and self.removed[who] < day:
            return False
        place, reason = self.landing(who, product)
        price = self.price(product, day)
        meant = "production" if who == "production key" else "research"
        self.entries[event] = Entry(product, day, quantity, price, meant, place, reason, place)
        return True

    def landing(self, who: str, product: str) -> tuple[str, str]:
        """The five rules, for actors that all have a project."""
        multi = self.multi.get(product, PRODUCTS[product][2])
        if product == "playground":
            return "default", "playground"
        if multi:
            key = who.endswith("key")
            return ("production" if who == "production key" else "research"), (
                "key_project" if key else "token_project"
            )
        if who == "external":
            return "external's home", "external_home"
        return "default", "product_not_multi_project"

    def move(self, product: str, first: dt.date, last: dt.date) -> list[Entry]:
        """Puts past usage where it was meant to be; those that were elsewhere."""
        moved = [
            entry
            for entry in self.entries.values()
            if entry.product == product
            and first <= entry.day <= last
            and entry.place != entry.meant
            and not entry.void
        ]
        for entry in moved:
            entry.place = entry.meant
        return moved

    def move_back(self, moved: list[Entry]) -> None:
        """Puts them back to where they stood first."""
        for entry in moved:
            if not entry.void:
                entry.place = entry.first_place

    def comes_to(self) -> dict[tuple[str, str, dt.date], tuple[Decimal, Decimal]]:
        """Quantity and cost of each project, product and day; without nothings."""
        quantity: Counter[tuple[str, str, dt.date]] = Counter()
        cost: Counter[tuple[str, str, dt.date]] = Counter()
        for entry in self.entries.values():
            key = (entry.place, entry.product, entry.day)
            if not entry.void:
                quantity[key] += entry.quantity  # type: ignore[assignment]
                cost[key] += entry.cost  # type: ignore[assignment]
        found = {key: (Decimal(quantity[key]), Decimal(cost[key])) for key in quantity}
        return {key: value for key, value in found.items() if value[0] or value[1]}
