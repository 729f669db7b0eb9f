"""Moves past usage of a product to its intended projects, or moves it back.

Without --apply it only shows what would be moved. You can stop it at any time: --resume continues from
there, as does the worker after two minutes, and nothing is moved twice.
"""

import datetime as dt
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts.actors import Actor
from usage.amounts import COST_DIGITS, format_decimal
from usage.management.progress import Progress
from usage.models import Reattribution
from usage.reattribution.forms import MoveForm
from usage.reattribution.preview import fetch_projects, plan_moves, summarize
from usage.reattribution.services.batches import BY_COMMAND, continue_move
from usage.reattribution.services.lifecycle import begin_move, begin_undo, resume

ACTOR = Actor.without_account(BY_COMMAND)


def parse_day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a day such as 2026-08-01") from error


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("product", nargs="?", metavar="PRODUCT", help="its code, such as volumes")
        add("--start", type=parse_day, metavar="DAY", help="the first UTC day")
        add("--end", type=parse_day, metavar="DAY", help="the last UTC day, included")
        add("--apply", action="store_true", help="move it instead of showing what would be moved")
        add("--undo", metavar="ID", help="move back what this reattribution (move_…) has moved")
        add("--resume", metavar="ID", help="continue this reattribution")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.choose_action(options)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error

    def choose_action(self, options: dict[str, Any]) -> None:
        chosen = [options[name] is not None for name in ("product", "undo", "resume")]
        if sum(chosen) != 1:
            raise CommandError("Pass a product with --start and --end, or --undo, or --resume.")
        if options["undo"]:
            move = begin_undo(actor=ACTOR, move=find_move(options["undo"]))
            self.run(move, options)
        elif options["resume"]:
            move = resume(actor=ACTOR, move=find_move(options["resume"]))
            self.run(move, options)
        else:
            self.move_product(options)

    def move_product(self, options: dict[str, Any]) -> None:
        data = {
            "product": options["product"],
            "first_day": options["start"],
            "last_day": options["end"],
        }
        form = MoveForm(data)
        if not form.is_valid():
            raise CommandError(format_errors(form))
        if options["apply"]:
            self.run(begin_move(actor=ACTOR, **form.cleaned_data), options)
            return
        moves = plan_moves(**form.cleaned_data)
        projects = fetch_projects(moves)
        for move in moves:
            source, target = projects[move.source.project], projects[move.target.project]
            self.stdout.write(
                f"{source.slug} → {target.slug}: {move.records:,} events, "
                f"{format_decimal(move.cost, COST_DIGITS)} USD"
            )
        sums = summarize(moves)
        self.stdout.write(f"{sums['records']:,} events would be moved, {sums['cost_usd']} USD")

    def run(self, move: Reattribution, options: dict[str, Any]) -> None:
        progress = Progress(self.stderr, move.steps[1] if options["verbosity"] else None)
        try:
            finished = continue_move(
                move=move, report=lambda now: progress.report(now.steps[0], now.steps[0])
            )
        except KeyboardInterrupt:
            message = f"Stopped. Continue with bin/manage reattribute --resume {move.public_id}"
            raise CommandError(message, returncode=130) from None
        finally:
            progress.clear()
        records, _ = finished.steps
        self.stdout.write(f"{finished.public_id} {finished.state}: {records:,} events")


def find_move(public_id: str) -> Reattribution:
    move = Reattribution.objects.with_names().filter(public_id=public_id).first()
    if move is None:
        raise CommandError(f"There is no reattribution {public_id}.")
    return move


def format_errors(form: MoveForm) -> str:
    names = {"product": "PRODUCT", "first_day": "--start", "last_day": "--end"}
    return " ".join(
        f"{names.get(field, field)}: {' '.join(map(str, errors))}"
        for field, errors in form.errors.items()
    )
