"""Files of history as they come from elsewhere, and the command that imports them."""

import random
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command

from tests.world import World

MAPS = {
    "timestamp": "TIMESTAMP",
    "input_tokens": "ContextTokens",
    "output_tokens": "GeneratedTokens",
}
HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens"
PRICE = Decimal("0.00000088")  # of a token, as the catalogue is seeded


@dataclass(frozen=True)
class Imported:
    """What the command said, and how it ended."""

    out: str
    err: str
    status: int
    error: str


def trace(rows: int = 200) -> list[str]:
    """Lines in the form of a published trace: seven digits of a second; the last rows say the same."""
    chance = random.Random(5)
    lines = []
    for n in range(rows - 3):
        second, fraction = divmod(n * 2_999_999 + chance.randrange(10**6), 10**7)
        time = f"2023-11-16 18:{17 + second // 60}:{second % 60:02}.{fraction:06}{n % 10}"
        lines.append(f"{time},{chance.randrange(10, 8000)},{chance.randrange(1, 900)}")
    return [*lines, *["2023-11-16 19:17:19.9280160,549,173"] * 3]


def written(tmp_path: Path, content: bytes | list[str], name: str = "trace.csv") -> Path:
    """A file of those bytes, or of a header and those rows with no line break behind the last."""
    path = tmp_path / name
    raw = content if isinstance(content, bytes) else "\n".join([HEADER, *content]).encode()
    path.write_bytes(raw)
    return path


def imported(world: World, path: Path, *more: str, **options: Any) -> Imported:
    """Imports for the project `research`; options that are None are left out."""
    given: dict[str, Any] = {
        "organization": world.organization.slug,
        "project": world.research.slug,
        "product": "serverless-inference",
        "model": "llama-3.3-70b",
        "map": MAPS,
        **options,
    }
    maps = given.pop("map")
    arguments = [f"--map={what}={column}" for what, column in maps.items()]
    arguments += [f"--{name}={value}" for name, value in given.items() if value is not None]
    out, err = StringIO(), StringIO()
    try:
        call_command("import_usage", str(path), *arguments, *more, stdout=out, stderr=err)
    except CommandError as error:
        return Imported(out.getvalue(), err.getvalue(), error.returncode, str(error))
    return Imported(out.getvalue(), err.getvalue(), 0, "")


def expected_cost(lines: list[str]) -> Decimal:
    """Each token count times the price, each rounded to 10⁻¹⁰ USD for itself."""
    counts = [Decimal(cell) for line in lines for cell in line.split(",")[1:]]
    return sum(
        ((count * PRICE).quantize(Decimal("1e-10"), ROUND_HALF_EVEN) for count in counts), Decimal()
    )
