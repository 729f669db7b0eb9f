"""How far a long command has come: a bar on a terminal, a line now and then elsewhere."""

import time
from typing import Any

WIDTH = 30
EVERY, SELDOM = 0.2, 10.0  # seconds between two signs, on a terminal and elsewhere


class Progress:
    def __init__(self, out: Any, total: int | None) -> None:
        """`total` of whatever is counted: 0 when it is not known, None to say nothing.

        `out` is the standard error of a command, which would be red.
        """
        self.out, self.total = out, total
        self.is_terminal = out.isatty()
        self.begun = self.told = time.monotonic()

    def tell(self, done: int, rows: int) -> None:
        now = time.monotonic()
        if self.total is None or now - self.told < (EVERY if self.is_terminal else SELDOM):
            return
        self.told = now
        share = min(done / self.total, 1) if self.total else 0
        line = f"{share:4.0%}  {rows:,} rows, {rows / (now - self.begun):,.0f} a second"
        if self.is_terminal:
            filled = round(share * WIDTH)
            bar = f"\r[{'#' * filled}{'.' * (WIDTH - filled)}] {line}\033[K"
            self.out.write(bar, style_func=str, ending="")
        else:
            self.out.write(line, style_func=str)
        self.out.flush()

    def clear(self) -> None:
        """Leaves the line of the bar to what is said next."""
        if self.is_terminal:
            self.out.write("\r\033[K", style_func=str, ending="")
            self.out.flush()
