"""Starts the processes that serve the console and makes sure that none of them outlives the start."""

import ctypes
import os
import signal
import subprocess
import sys
import time

GRACE_SECONDS = 12.0
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def end_with_parent() -> None:
    """Runs in the child: should the parent be killed outright, the kernel ends the child as well."""
    if LIBC is not None:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Children:
    """Named processes, each in a session of its own.

    The terminal sends Ctrl-C to a whole group; in groups of their own the children get one orderly
    SIGTERM from us instead of that and ours.
    """

    def __init__(self) -> None:
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, command: list[str], cwd: os.PathLike[str]) -> None:
        self.processes[name] = subprocess.Popen(
            command,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )

    def ended(self) -> str:
        """A sentence about the first child that is no longer running; empty while all are."""
        for name, process in self.processes.items():
            status = process.poll()
            if status is not None:
                return f"The {name} ended by itself ({describe(status)})."
        return ""

    def stop(self) -> None:
        """Asks every child to end, waits up to `GRACE_SECONDS`, then ends it with its whole session."""
        for process in self.processes.values():
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for process in self.processes.values():
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def describe(status: int) -> str:
    return f"exit status {status}" if status >= 0 else f"signal {signal.Signals(-status).name}"
