"""Imports history from a CSV or JSON Lines file, for a project or (without --project) for an organization.

Importing the same file again adds nothing, and importing one that has grown adds only what is new. Exit
status 1 if rows were rejected (they are written to FILE.rejects.csv, all others are imported), 2 if the
import could not start.
"""

from argparse import ArgumentParser
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from accounts.actors import Actor
from usage.amounts import COST_DIGITS, QUANTITY_DIGITS, format_decimal
from usage.imports.default_prices import format_default_priced
from usage.imports.importer import FileImport, ImportTally, Store
from usage.imports.options import (
    BadOption,
    build_mapping,
    check_rows,
    find_target,
    measure_file,
    open_file,
    open_rejects,
    read_rows,
)
from usage.imports.readers import LineReader, UnusableFile
from usage.imports.services import ImportTarget, import_events, try_events
from usage.management.progress import Progress

ACTOR = Actor.without_account("bin/manage import_usage")
MAP = "timestamp=COLUMN, LINE_ITEM=COLUMN for each line item, and optionally model=COLUMN"
RETRY = "Run it again: rows that are already imported are not added twice."


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("file", metavar="FILE", help="CSV with a header, or JSON Lines; UTF-8")
        add("--organization", metavar="SLUG", required=True, help="whose history it is")
        add("--project", metavar="SLUG", help="the intended project; none by default")
        add("--product", metavar="CODE", required=True, help="such as serverless-inference")
        add("--model", metavar="NAME", help="the model of all rows; or --map model=COLUMN")
        add("--map", metavar="WHAT=COLUMN", action="append", default=[], help=MAP)
        add("--timezone", metavar="NAME", default="UTC", help="of times without an offset (UTC)")
        add("--format", choices=["csv", "jsonl"], help="if the file name does not imply it")
        add("--delimiter", metavar="CHARACTER", help="between the cells of CSV; or the word tab")
        add("--empty-as-zero", action="store_true", help="empty cells of quantities are 0")
        add("--rejects", metavar="PATH", help="instead of FILE.rejects.csv")
        add("--dry-run", action="store_true", help="only show what would be imported")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        try:
            tally = self.import_file(path, options)
        except BadOption as error:
            raise CommandError(str(error), returncode=2) from error
        except UnusableFile as error:
            raise CommandError(f"{path}: {error}.", returncode=2) from error
        except OperationalError as error:
            raise CommandError(f"The database did not answer: {error}. {RETRY}") from error
        except KeyboardInterrupt:
            raise CommandError(f"Stopped. {RETRY}", returncode=130) from None
        self.stdout.write(format_tally(tally, dry_run=options["dry_run"]))
        if sentence := format_default_priced(tally.default_priced):
            self.stdout.write(sentence)
        if tally.rejected:
            were = "would be" if options["dry_run"] else "were"
            raise CommandError(f"{tally.rejected:,} rows {were} rejected.")

    def import_file(self, path: Path, options: dict[str, Any]) -> ImportTally:
        target, mapping = find_target(options), build_mapping(options)
        with ExitStack() as stack:
            file = stack.enter_context(open_file(path))
            check_rows(options, path, LineReader(file), mapping)
            file.seek(0)
            lines = LineReader(file)
            rows = read_rows(options, path, lines, mapping)
            progress = Progress(self.stderr, measure_file(path) if options["verbosity"] else None)
            stack.callback(progress.clear)

            def write_line(line: str) -> None:
                progress.clear()
                self.stderr.write(line)

            rejects = stack.enter_context(open_rejects(options, path, write_line))
            work = FileImport(mapping, choose_store(target, path, options), rejects.reject)
            return work.run(rows, lambda: progress.report(lines.bytes, work.tally.rows))


def choose_store(target: ImportTarget, path: Path, options: dict[str, Any]) -> Store:
    if options["dry_run"]:
        return lambda events, _: try_events(target=target, events=events)
    return lambda events, is_first: import_events(
        actor=ACTOR, target=target, events=events, file=path.name if is_first else None
    )


def format_tally(tally: ImportTally, *, dry_run: bool) -> str:
    would = "would be " if dry_run else ""
    quantities = "".join(
        f"{code} {Decimal(format_decimal(quantity, QUANTITY_DIGITS)):,f}, "
        for code, quantity in tally.quantities.items()
    )
    return (
        f"{tally.rows:,} rows read, {tally.accepted:,} events {would}accepted, "
        f"{tally.duplicates:,} already imported, {tally.rejected:,} rows {would}rejected; "
        f"{quantities}cost {format_decimal(tally.cost, COST_DIGITS)} USD"
    )
