"""Reports the progress of a long command: a bar on a terminal, a line now and then elsewhere."""

import time
from typing import Any

WIDTH = 30
TERMINAL_SECONDS, LOG_SECONDS = 0.2, 10.0  # between two reports


class Progress:
    def __init__(self, out: Any, total: int | None) -> None:
        """`total` is the amount of work: 0 if unknown, None to report nothing.

        `out` is the standard error of a command, whose lines would be red without `style_func`.
        """
        self.out, self.total = out, total
        self.is_terminal = out.isatty()
        self.started = self.reported = time.monotonic()

    def report(self, done: int, rows: int) -> None:
        now = time.monotonic()
        interval = TERMINAL_SECONDS if self.is_terminal else LOG_SECONDS
        if self.total is None or now - self.reported < interval:
            return
        self.reported = now
        share = min(done / self.total, 1) if self.total else 0
        line = f"{share:4.0%}  {rows:,} rows, {rows / (now - self.started):,.0f} per second"
        if self.is_terminal:
            filled = round(share * WIDTH)
            bar = f"\r[{'#' * filled}{'.' * (WIDTH - filled)}] {line}\033[K"
            self.out.write(bar, style_func=str, ending="")
        else:
            self.out.write(line, style_func=str)
        self.out.flush()

    def clear(self) -> None:
        """Clears the line of the bar for other output."""
        if self.is_terminal:
            self.out.write("\r\033[K", style_func=str, ending="")
            self.out.flush()
