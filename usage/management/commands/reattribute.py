"""Moves past usage of a product to the projects that it was meant for, or undoes that.

Without --apply it only says what would be moved. It may be stopped at any time: --resume, or the
worker after two minutes, goes on from there, and nothing is moved twice.
"""

import datetime as dt
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts.actors import Actor
from usage.amounts import COST_DIGITS, text_of
from usage.management.progress import Progress
from usage.models import Reattribution
from usage.reattribution.forms import MoveForm
from usage.reattribution.preview import projects_of, sums, to_move
from usage.reattribution.services.batches import BY_COMMAND, move_on
from usage.reattribution.services.lifecycle import begin_move, begin_undo, resume

ACTOR = Actor.without_account(BY_COMMAND)


def day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no day such as 2026-08-01") from error


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("product", nargs="?", metavar="PRODUCT", help="its code, such as volumes")
        add("--start", type=day, metavar="DAY", help="the first UTC day")
        add("--end", type=day, metavar="DAY", help="the last UTC day, included")
        add("--apply", action="store_true", help="move it, instead of saying what would be moved")
        add("--undo", metavar="ID", help="move back what this one has moved (move_…)")
        add("--resume", metavar="ID", help="go on with this one")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.acted(options)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error

    def acted(self, options: dict[str, Any]) -> None:
        asked = [options[name] is not None for name in ("product", "undo", "resume")]
        if sum(asked) != 1:
            raise CommandError("Give a product with --start and --end, or --undo, or --resume.")
        if options["undo"]:
            self.run(begin_undo(actor=ACTOR, move=found(options["undo"])), options)
        elif options["resume"]:
            self.run(resume(actor=ACTOR, move=found(options["resume"])), options)
        else:
            self.moved(options)

    def moved(self, options: dict[str, Any]) -> None:
        given = {
            "product": options["product"],
            "first_day": options["start"],
            "last_day": options["end"],
        }
        form = MoveForm(given)
        if not form.is_valid():
            raise CommandError(said(form))
        if options["apply"]:
            self.run(begin_move(actor=ACTOR, **form.cleaned_data), options)
            return
        lines = to_move(**form.cleaned_data)
        projects = projects_of(lines)
        for line in lines:
            source, target = projects[line.source.project], projects[line.target.project]
            self.stdout.write(
                f"{source.slug} → {target.slug}: {line.records:,} events, "
                f"{text_of(line.cost, COST_DIGITS)} USD"
            )
        together = sums(lines)
        self.stdout.write(
            f"{together['records']:,} events would be moved, {together['cost_usd']} USD"
        )

    def run(self, move: Reattribution, options: dict[str, Any]) -> None:
        progress = Progress(self.stderr, move.steps[1] if options["verbosity"] else None)
        try:
            done = move_on(move=move, tell=lambda now: progress.tell(now.steps[0], now.steps[0]))
        except KeyboardInterrupt:
            told = f"Stopped. Go on with bin/manage reattribute --resume {move.public_id}"
            raise CommandError(told, returncode=130) from None
        finally:
            progress.clear()
        records, _ = done.steps
        self.stdout.write(f"{done.public_id} {done.state}: {records:,} events")


def found(reference: str) -> Reattribution:
    move = Reattribution.objects.with_names().filter(public_id=reference).first()
    if move is None:
        raise CommandError(f"There is no re-attribution {reference}.")
    return move


def said(form: MoveForm) -> str:
    names = {"product": "PRODUCT", "first_day": "--start", "last_day": "--end"}
    return " ".join(
        f"{names.get(field, field)}: {' '.join(map(str, errors))}"
        for field, errors in form.errors.items()
    )
