"""Prints what was measured beside the limit, and which targets are met."""

from bench.verify.rounds import Case

HEAD = (
    f"{'':30} {'answers/s':>9} {'× bare':>6} {'CPU µs':>7} {'× bare':>6} "
    f"{'+ uses':>7} {'median ms':>9} {'queries':>7}"
)


def print_table(title: str, bare: Case, cases: list[Case]) -> None:
    print(f"\n{title}\n{HEAD}")
    for case in [bare, *cases]:
        rate, cpu = case.median("rate"), case.median("cpu")
        print(
            f"{case.name:30} {rate:9,.0f} {rate / bare.median('rate'):6.2f} "
            f"{cpu:7.0f} {cpu / bare.median('cpu'):6.2f} "
            f"{case.median('whole'):7.0f} {case.median('latency'):9.2f} {case.queries:7}"
        )


def targets(vendor: str, bare: Case, cases: list[Case]) -> bool:
    """Prints each target of P1 to P3 with what was reached; whether all are met."""
    named = {case.name: case for case in cases}

    def ratio(figure: str, name: str, to: Case) -> float:
        return named[name].median(figure) / to.median(figure)

    share = 0.40 if vendor == "postgresql" else 0.60
    peer = named["djangorestframework-api-key"]
    met = []
    for route in ("verify", "auth"):
        known, kept = f"{route} known", f"{route} remembered"
        met += [
            at_least(f"P1 {known}: answers, × bare", ratio("rate", known, bare), share),
            at_most(f"P1 {known}: CPU, × bare", ratio("cpu", known, bare), 2.5),
            at_least(f"P1 {known}: answers, × {peer.name}", ratio("rate", known, peer), 2),
            at_most(f"P1 {known}: queries", named[known].queries or 0, 1),
            at_least(f"P2 {kept}: answers, × bare", ratio("rate", kept, bare), 0.75),
            at_most(f"P2 {kept}: queries after 25,000 junk keys", named[kept].queries or 0, 0),
        ]
        for kind in ("unknown", "malformed"):
            name = f"{route} {kind}"
            met.append(at_most(f"P3 {name}: CPU, × known", ratio("cpu", name, named[known]), 1.05))
    met.append(at_most("P3 auth malformed: queries", named["auth malformed"].queries or 0, 0))
    return all(met)


def at_least(what: str, reached: float, wanted: float) -> bool:
    return shown(what, reached, f"≥ {wanted:g}", good=reached >= wanted)


def at_most(what: str, reached: float, wanted: float) -> bool:
    return shown(what, reached, f"≤ {wanted:g}", good=reached <= wanted)


def shown(what: str, reached: float, wanted: str, *, good: bool) -> bool:
    print(f"{what:62} {reached:6.2f} {wanted:>7} {'met' if good else 'MISSED'}")
    return good
