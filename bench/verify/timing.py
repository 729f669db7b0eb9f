"""Whether the time of an answer tells what a key is: keys of all kinds asked about in turn, one at a time."""

import random
import statistics

from bench.verify.load import Line
from bench.verify.world import Field

REFUSED = ("unknown", "revoked", "expired")
# A known one is good, and of another organization than whoever guesses it. /v1/auth lets it pass with
# another status and without a body: nothing that a time could tell besides.
KINDS = (*REFUSED, "known")
COMPARED = {"verify": KINDS, "auth": REFUSED}
TIMES = 2_000
WARM = 100
SPREAD = 1.05


def print_timing(field: Field) -> bool:
    """Prints the medians of each kind on both routes; whether they lie within 5 %."""
    good = True
    for route, kinds in COMPARED.items():
        medians = medians_of(field, route)
        compared = [medians[kind] for kind in kinds]
        spread = max(compared) / min(compared)
        good &= spread <= SPREAD
        listed = ", ".join(f"{kind} {taken * 1e6:.0f} µs" for kind, taken in medians.items())
        verdict = "met" if spread <= SPREAD else "MISSED"
        print(
            f"timing, {field.vendor}, {route}: {listed}; spread {spread:.3f} ≤ {SPREAD} {verdict}"
        )
    return good


def medians_of(field: Field, route: str) -> dict[str, float]:
    """Seconds until the answer, by kind: `TIMES` requests of each, in random order on one connection."""
    cases = {kind: getattr(field, route)(kind) for kind in KINDS}
    taken: dict[str, list[float]] = {kind: [] for kind in KINDS}
    line = Line(field.strict.port)
    for turn in range(TIMES + WARM):
        for kind in random.sample(KINDS, len(KINDS)):
            key = random.choice(cases[kind].keys).encode()
            seconds = line.answer_time(cases[kind].question.about(key))
            if turn >= WARM:
                taken[kind].append(seconds)
    line.socket.close()
    return {kind: statistics.median(times) for kind, times in taken.items()}
