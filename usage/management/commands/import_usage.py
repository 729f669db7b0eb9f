"""Imports history from a CSV or JSON Lines file, for a project or (without --project) as account history.

The same file again adds nothing, one that has grown only what is new. Exit status 1 when rows were
rejected (they are in FILE.rejects.csv, all others are in), 2 when nothing could be begun.
"""

from argparse import ArgumentParser
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from accounts.actors import Actor
from usage.amounts import COST_DIGITS, QUANTITY_DIGITS, text_of
from usage.imports.importer import Import, Store, Tally
from usage.imports.options import (
    Wrong,
    opened,
    opened_rejects,
    plan_of,
    rows_of,
    size_of,
    target_of,
)
from usage.imports.readers import FileUnusable, Lines
from usage.imports.services import Target, import_events, try_events
from usage.management.progress import Progress

ACTOR = Actor.without_account("bin/manage import_usage")
MAP = "timestamp=COLUMN, LINE_ITEM=COLUMN for line items of the product, perhaps model=COLUMN"
AGAIN = "Run it again: what is in is not added twice."


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("file", metavar="FILE", help="CSV with a header, or JSON Lines; UTF-8")
        add("--organization", metavar="SLUG", required=True, help="whose history it is")
        add("--project", metavar="SLUG", help="the project it is meant for; without it, none")
        add("--product", metavar="CODE", required=True, help="such as serverless-inference")
        add("--model", metavar="NAME", help="of all rows; or --map model=COLUMN")
        add("--map", metavar="WHAT=COLUMN", action="append", default=[], help=MAP)
        add("--timezone", metavar="NAME", default="UTC", help="of times that say none (UTC)")
        add("--format", choices=["csv", "jsonl"], help="where the file's name does not say it")
        add("--delimiter", metavar="CHARACTER", help="between the cells of CSV, or the word tab")
        add("--rejects", metavar="PATH", help="instead of FILE.rejects.csv")
        add("--dry-run", action="store_true", help="change nothing, say what would be")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        try:
            tally = self.imported(path, options)
        except Wrong as error:
            raise CommandError(str(error), returncode=2) from error
        except FileUnusable as error:
            raise CommandError(f"{path}: {error}.", returncode=2) from error
        except OperationalError as error:
            raise CommandError(f"The database did not answer: {error}. {AGAIN}") from error
        except KeyboardInterrupt:
            raise CommandError(f"Stopped. {AGAIN}", returncode=130) from None
        self.stdout.write(told(tally, dry_run=options["dry_run"]))
        if tally.rejected:
            were = "would be" if options["dry_run"] else "were"
            raise CommandError(f"{tally.rejected:,} rows {were} rejected.")

    def imported(self, path: Path, options: dict[str, Any]) -> Tally:
        target, plan = target_of(options), plan_of(options)
        with ExitStack() as stack:
            lines = Lines(stack.enter_context(opened(path)))
            rows = rows_of(options, path, lines, plan)
            progress = Progress(self.stderr, size_of(path) if options["verbosity"] else None)
            stack.callback(progress.clear)

            def say(line: str) -> None:
                progress.clear()
                self.stderr.write(line)

            rejects = stack.enter_context(opened_rejects(options, path, say))
            work = Import(plan, store_of(target, path, options), rejects.reject)
            return work.run(rows, lambda: progress.tell(lines.bytes, work.tally.rows))


def store_of(target: Target, path: Path, options: dict[str, Any]) -> Store:
    if options["dry_run"]:
        return lambda events, _: try_events(target=target, events=events)
    return lambda events, is_first: import_events(
        actor=ACTOR, target=target, events=events, file=path.name if is_first else None
    )


def told(tally: Tally, *, dry_run: bool) -> str:
    would = "would be " if dry_run else ""
    sums = "".join(
        f"{code} {Decimal(text_of(quantity, QUANTITY_DIGITS)):,f}, "
        for code, quantity in tally.quantities.items()
    )
    return (
        f"{tally.rows:,} rows read, {tally.accepted:,} events {would}accepted, "
        f"{tally.there:,} already there, {tally.rejected:,} rows {would}rejected; "
        f"{sums}cost {text_of(tally.cost, COST_DIGITS)} USD"
    )
