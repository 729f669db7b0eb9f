"""`bin/manage reattribute`: says what would be moved, moves it, takes it back, goes on with it."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.enums import Action
from accounts.models import AuditEvent
from tests.usage.helpers.event_client import results
from tests.usage.helpers.reattribution_setup import begun, billed, flip, of_key, recent
from tests.world import World
from usage.models import Reattribution

pytestmark = pytest.mark.django_db
COST = 1_370_000_000


def reattribute(*arguments: str) -> str:
    out = StringIO()
    call_command("reattribute", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def days() -> tuple[str, str]:
    first, last = recent()
    return f"--start={first}", f"--end={last}"


def test_it_says_moves_and_undoes(world: World, secret: str) -> None:
    results(secret, of_key(world))
    flip(world)
    said = reattribute("volumes", *days())
    assert f"{world.default.slug} → {world.research.slug}: 1 events, 0.137 USD" in said
    assert "1 events would be moved, 0.137 USD" in said
    assert billed(world.default, world.research) == [COST, 0]
    assert reattribute("volumes", *days(), "--apply").endswith(" applied: 1 events\n")
    assert billed(world.default, world.research) == [0, COST]
    move = Reattribution.objects.get()
    assert move.made_by is None
    assert reattribute("--undo", move.public_id) == f"{move.public_id} undone: 1 events\n"
    assert billed(world.default, world.research) == [COST, 0]
    events = AuditEvent.objects.filter(target_id=move.public_id).order_by("pk")
    assert {one.actor_name for one in events} == {"bin/manage reattribute"}
    moved, back = Action.USAGE_MOVED, Action.USAGE_MOVED_BACK
    assert [(one.act, one.organization) for one in events] == [
        (moved, world.organization),
        (moved, None),
        (back, world.organization),
        (back, None),
    ]


def test_it_goes_on_with_one_that_has_stopped(world: World, secret: str) -> None:
    results(secret, of_key(world))
    flip(world)
    move = begun(world)
    assert reattribute("--resume", move.public_id) == f"{move.public_id} applied: 1 events\n"
    with pytest.raises(CommandError, match="there is nothing to resume"):
        reattribute("--resume", move.public_id)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Pass a product with --start and --end, or --undo, or --resume."),
        (["volumes", "--undo", "move_1"], "Pass a product with"),
        (["volumes"], "--start: This field is required."),
        (
            ["files", "--start=2026-01-01", "--end=2026-01-02"],
            "PRODUCT: Choose a multi-project product",
        ),
        (["volumes", "--start=2026-01-02", "--end=2026-01-01"], "--end: Choose the first day or"),
        (["volumes", "--start=soon", "--end=2026-01-01"], "'soon' is not a day such as 2026-08-01"),
        (["--undo", "move_1"], "There is no reattribution move_1."),
        (["--resume", "move_1"], "There is no reattribution move_1."),
        (["volumes", "--start=2026-01-01", "--end=2026-01-02", "--apply"], "nothing to move"),
    ],
)
def test_what_cannot_be_is_named(world: World, arguments: list[str], said: str) -> None:
    flip(world)
    with pytest.raises(CommandError, match=said):
        reattribute(*arguments)
    assert not Reattribution.objects.exists()
