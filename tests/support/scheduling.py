"""Which tests of a parallel run stay in one process, one after the other.

Any other test goes to whichever process is free. (The marker `xdist_group` would say the same, but
pytest-xdist 3.8 writes it into a place that pytest 9 does not read any more.)
"""

from xdist.scheduler import LoadScopeScheduling

TOGETHER = {
    # A server with four workers each, and clients that ask it at full speed.
    "tests/client/": "servers",
    "tests/load/": "servers",
    "tests/gateways/": "gateways",
    # They share what takes seconds to make.
    "tests/commands/test_create_service_credential.py": "first start",
    "tests/commands/test_run.py": "first start",
    "tests/commands/test_stop.py": "first start",
    "tests/commands/test_venv.py": "venv",
    "tests/upgrade/": "upgrade",
    "tests/console/demo/": "demo",
    # Each module has a console and a PostgreSQL, which its tests stop and freeze.
    "tests/faults/test_database.py": "database outages",
    "tests/faults/test_prepare.py": "prepare",
    "tests/faults/test_worker.py": "worker outages",
}


class Scheduling(LoadScopeScheduling):
    """The longest work comes first: that of many tests, which all of `TOGETHER` are."""

    def _split_scope(self, nodeid: str) -> str:
        groups = (group for place, group in TOGETHER.items() if nodeid.startswith(place))
        return next(groups, nodeid)
