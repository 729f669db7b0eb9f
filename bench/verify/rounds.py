"""What is asked of which site, and the medians of rounds that alternate between all of it."""

import multiprocessing
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.pool import Pool

from bench.verify.load import Question, Tally, drive
from bench.verify.sites import Site

CLIENTS, LINES = 2, 8  # processes, and connections of each
PICKED = 20_000  # random keys a client takes along
WARM_SECONDS = 0.5
FLUSH_SECONDS = 6.0  # from its first use on, until a worker has surely written all uses


@dataclass
class Case:
    """One row of the table. `warm` is how long is asked before it is measured, in parts of a round."""

    name: str
    site: Site
    question: Question
    keys: Sequence[str]
    queries: int | None = None
    warm: float = 0.25
    notes_uses: bool = False
    rounds: list["Round"] = field(default_factory=list)

    def median(self, figure: str) -> float:
        return statistics.median(getattr(one, figure) for one in self.rounds)


@dataclass(frozen=True)
class Round:
    """Answers a second, microseconds of CPU time an answer, milliseconds until one (median).

    `cpu` is what answering took until the last answer, `whole` also what was left to do afterwards:
    writing down the uses, which a worker does every five seconds.
    """

    rate: float
    cpu: float
    whole: float
    latency: float


def ask_all(pool: Pool, case: Case, seconds: float) -> list[Tally]:
    """All clients at once, each with random keys of its own."""
    encoded = [key.encode() for key in random.choices(case.keys, k=PICKED * CLIENTS)]
    shares = [encoded[n::CLIENTS] for n in range(CLIENTS)]
    wanted = [(case.question, case.site.port, share, LINES, seconds) for share in shares]
    return pool.starmap(drive, wanted)


def answers(tallies: list[Tally]) -> int:
    return sum(len(one.latencies) for one in tallies)


def one_round(pool: Pool, case: Case, seconds: float) -> Round:
    begun = time.monotonic()
    warmed = answers(ask_all(pool, case, seconds * case.warm))
    before = case.site.cpu_seconds()
    tallies = ask_all(pool, case, seconds)
    after = case.site.cpu_seconds()
    if case.notes_uses:
        time.sleep(max(0.0, begun + FLUSH_SECONDS - time.monotonic()))
    number, later = answers(tallies), case.site.cpu_seconds() - after
    latencies = [seconds for one in tallies for seconds in one.latencies]
    cpu = (after - before) / number
    return Round(
        rate=number / max(one.seconds for one in tallies),
        cpu=cpu * 1e6,
        whole=(cpu + later / (warmed + number)) * 1e6,
        latency=statistics.median(latencies) * 1e3,
    )


def measure(cases: list[Case], number: int, seconds: float) -> None:
    """Fills the rounds of all cases: one of each in turn, `number` times. Before, all are warmed up."""
    context = multiprocessing.get_context("fork")
    with context.Pool(CLIENTS) as pool:
        for case in cases:
            ask_all(pool, case, WARM_SECONDS)
        for _ in range(number):
            for case in cases:
                case.rounds.append(one_round(pool, case, seconds))
