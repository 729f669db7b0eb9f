"""How fast keys are verified, beside the limit and the peers: `.venv/bin/python -m bench.verify`.

docs/testing.md says how to read it. The peers are installed from the registry into an environment of
their own. `--quick` is for a look: its figures mean little.
"""

import argparse
import sys
import tempfile
from itertools import chain
from pathlib import Path

from bench.verify.rounds import measure
from bench.verify.sites import Postgres, peers_python
from bench.verify.table import print_table, targets
from bench.verify.timing import print_timing
from bench.verify.world import Field, bare_case

DATABASES = ["sqlite", "postgresql"]


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench.verify", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--quick", action="store_true", help="few keys, short rounds")
    parser.add_argument("--timing", action="store_true", help="only the times of refusals")
    parser.add_argument("--database", choices=DATABASES, help="only that one")
    parser.add_argument("--keys", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--port", type=int, default=8120, help="the first of nine free ones")
    if "--quick" in sys.argv:
        parser.set_defaults(keys=5_000, rounds=3, seconds=0.8)
    return parser.parse_args()


def main(chosen: argparse.Namespace, home: Path) -> int:
    peers, fields = peers_python(), []
    for vendor in [chosen.database] if chosen.database else DATABASES:
        postgres = Postgres() if vendor == "postgresql" else None
        fields.append(Field(vendor, home, postgres, peers))
        print(f"Making {chosen.keys:,} keys for each on {vendor} …", file=sys.stderr)
        fields[-1].fill(chosen.keys)
    bare = bare_case()
    sites = [bare.site, *(site for field in fields for site in field.sites)]
    try:
        for port, site in enumerate(sites, chosen.port):
            site.start(port)
        missed = [not print_timing(field) for field in fields]
        if not chosen.timing:
            cases = {field.vendor: field.cases() for field in fields}
            measure([bare, *chain(*cases.values())], chosen.rounds, chosen.seconds)
            for vendor, asked in cases.items():
                print_table(vendor, bare, asked)
                missed.append(not targets(vendor, bare, asked))
    finally:
        for site in sites:
            site.stop()
    return 1 if any(missed) else 0


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="console-bench-") as directory:
        sys.exit(main(options(), Path(directory)))
