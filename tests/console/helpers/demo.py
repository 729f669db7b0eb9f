"""The demo world, seeded once per process at a moment of its own."""

from datetime import UTC, datetime

from django.core.management import call_command

from tests.support.world_snapshot import remembered

# Monday afternoon. Time stands, or an hour could end between one start and the next.
NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)


@remembered
def seed_demo() -> None:
    """Must be called at `NOW` only, where the rows that are put back belong."""
    call_command("seed_demo")
