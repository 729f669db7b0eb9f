"""Adds the products, line items and prices of a preset or a JSON file to the catalogue.

Products that the catalogue already has stay as they are. Without a preset or file, lists the presets.
"""

import datetime as dt
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.errors import Conflict
from usage.amounts import PRICE_DIGITS, format_decimal
from usage.catalogue.new_products import InvalidCatalogue, NewProduct, parse_catalogue
from usage.catalogue.presets import PRESETS
from usage.catalogue.services.presets import add_products
from usage.models import Product

ACTOR = Actor.without_account("bin/manage import_catalogue")


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("file", nargs="?", metavar="FILE", help="a JSON file, see docs/operating.md")
        add("--preset", choices=sorted(PRESETS))
        add("--product", metavar="CODE", action="append", help="only this product; can be repeated")
        add("--starts-on", metavar="DAY", help="the UTC day from which prices apply; today")
        add("--without-prices", action="store_true", help="add prices later")
        add("--dry-run", action="store_true", help="only show what would be added")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["file"] and not options["preset"]:
            self.list_presets()
            return
        products = select_products(read_products(options), options["product"])
        day = None if options["without_prices"] else parse_day(options["starts_on"])
        try:
            with transaction.atomic():
                added = add_products(actor=ACTOR, products=products, starts_on=day)
                transaction.set_rollback(options["dry_run"])
        except Conflict as error:
            raise CommandError(" ".join(error.messages)) from error
        self.report(products, {product.code for product in added}, day, dry_run=options["dry_run"])

    def list_presets(self) -> None:
        for name, products in PRESETS.items():
            self.stdout.write(f"--preset {name}")
            for product in products:
                self.stdout.write(f"  {product.code:<22} {product.description}")
        self.stdout.write("Add one with --dry-run to see its prices.")

    def report(
        self, products: list[NewProduct], added: set[str], day: dt.date | None, *, dry_run: bool
    ) -> None:
        for product in products:
            if product.code not in added:
                self.stdout.write(f"{product.code}: already in the catalogue, unchanged")
                continue
            self.stdout.write(f"{product.code}: {product.name}")
            for item in product.line_items:
                self.stdout.write(f"  {item.code}, by the {item.unit}")
                for model, price in item.list_prices() if day else ():
                    text = format_decimal(price, PRICE_DIGITS)
                    self.stdout.write(f"    {model or 'any model'}: {text} USD from {day}")
        would = "would be " if dry_run else ""
        self.stdout.write(f"{len(added)} products {would}added.")


def read_products(options: dict[str, Any]) -> list[NewProduct]:
    if options["file"] and options["preset"]:
        raise CommandError("Pass a file or --preset, not both.")
    if options["preset"]:
        return PRESETS[options["preset"]]
    path = Path(options["file"])
    try:
        return parse_catalogue(path.read_bytes())
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}.") from error
    except InvalidCatalogue as error:
        raise CommandError(f"{path}: {error}.") from error


def select_products(products: list[NewProduct], codes: list[str] | None) -> list[NewProduct]:
    """Returns the products with these codes, by default all. Raises CommandError for an unknown code."""
    available = {product.code for product in products}
    for code in codes or ():
        if code not in available:
            present = Product.objects.filter(code=code).exists()
            hint = "; the catalogue has it already" if present else ""
            raise CommandError(f"--product: there is no {code} in it{hint}.")
    return [product for product in products if not codes or product.code in codes]


def parse_day(text: str | None) -> dt.date:
    if text is None:
        return timezone.now().astimezone(dt.UTC).date()
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise CommandError("--starts-on: write a day as 2026-12-01.") from error
