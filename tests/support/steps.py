"""What `bin/test` runs, in order: checks, the tests on both databases, the tests in a browser.

Every step runs even if an earlier one failed; the last line says how long each took and what failed.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.support.programs import CADDY, CHROMIUM, NGINX, NODE, NPM

PYTHON = sys.executable
TOOLS = os.path.dirname(PYTHON)
NO_TESTS_COLLECTED = 5
# Their tests of pages, of the API and of what is read without the database run once, except test_lists.py
# and test_cursors.py: lists sort and page in the database.
APPS = ("accounts", "projects", "keys", "usage")
RUN_ONCE = (
    *("*_page", "*_pages", "*admin*", "api", "*_api", "*_refusals"),
    *("names", "formats", "formatting", "permissions", "payloads", "bodies", "spellings"),
    *("*csv*", "*_files", "*_events", "*_records", "email_addresses", "client_ip"),
)
# What the shell says and a run must not depend on; and that each process compile everything anew.
PUT_ASIDE = (
    *("CACHE_URL", "DATABASE_URL", "DJANGO_SETTINGS_MODULE", "SIGNUP", "TEST_DATABASE"),
    "PYTHONDONTWRITEBYTECODE",
)
# Made up, long and varied enough for `check --deploy`.
PRODUCTION = {
    "DEMO": "0",
    "BASE_URL": "https://console.example.com",
    "SECRET_KEY": "h7Qp2vX9-kL4mN8bT1wZ6yR3cF5dG0jS_aE2uI7oP4qW9xV1zB6nM3lK8",
    "PEPPER": "t5Rw8yU1iO4pA7sD0fG3hJ6kL9zX2cV5bN8mQ1wE4rT7yU0iO3pA6sD9",
    "ENCRYPTION_KEY": "m2Nb5vC8xZ1lK4jH7gF0dS3aP6oI9uY2tR5eW8qM1nB4vC7xZ0lK3jH6",
    "EMAIL_URL": "smtp://mail.example.com:25",
}


# The rows of long tables are written for another engine: docs/decisions/0023.
JINJA = ("--extension", "jinja", "--profile", "jinja")


@dataclass(frozen=True)
class Step:
    name: str
    run: Callable[[], bool]


def command(name: str, *words: str, **environment: str) -> Step:
    def run() -> bool:
        return subprocess.run(words, env={**os.environ, **environment}, check=False).returncode == 0

    return Step(name, run)


def tool(name: str, *words: str) -> Step:
    return command(name, os.path.join(TOOLS, words[0]), *words[1:])


def pytest(name: str, given: list[str], *words: str, **environment: str) -> Step:
    """A pytest run; with arguments given by the person, a run may be empty."""

    def run() -> bool:
        ended = subprocess.run(
            [PYTHON, "-m", "pytest", *words, *given],
            env={**os.environ, **environment},
            check=False,
        )
        fine = {0, NO_TESTS_COLLECTED} if given else {0}
        return ended.returncode in fine

    return Step(name, run)


def programs() -> list[Step]:
    """What tests run beside the browser."""
    long_only = (CADDY, NODE, NPM) if "LONG" in os.environ else ()
    return [Step(program.title, program.ensure) for program in (NGINX, *long_only)]


def steps(given: list[str], scratch: str) -> list[Step]:
    production = {**PRODUCTION, "DATA_DIR": scratch, "DJANGO_SETTINGS_MODULE": "console.settings"}
    own = {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    manage = (PYTHON, "manage.py")
    # Each process has a database of its own; `-n0` among the person's arguments puts them in one.
    parallel = ("-n", str(min(os.cpu_count() or 2, 4)))
    # What asks the database nothing of its own is tested on SQLite alone; with --long on both.
    once = ["--ignore=tests/checks", "--ignore=tests/commands", "--ignore=tests/gateways"]
    if "LONG" not in os.environ:
        once += [
            f"--ignore=tests/{name}" for name in ("routes", "console", "client", "projects/api")
        ]
        once += [f"--ignore-glob=tests/{app}/*test_{name}.py" for app in APPS for name in RUN_ONCE]
    return [
        tool("ruff", "ruff", "check", "."),
        tool("format", "ruff", "format", "--check", "."),
        tool("mypy", "mypy"),
        tool("djlint", "djlint", "--lint", "--quiet", "templates"),
        tool("jinja", "djlint", "--lint", "--quiet", *JINJA, "templates"),
        command("migrations", *manage, "makemigrations", "--check", "--dry-run", **own),
        command("deploy", *manage, "check", "--deploy", "--fail-level", "WARNING", **production),
        *programs(),
        pytest("sqlite", given, *parallel, "-m", "not browser"),
        pytest(
            "postgresql",
            given,
            *parallel,
            *once,
            *("-m", "not browser"),
            TEST_DATABASE="postgresql",
        ),
        Step("chromium", CHROMIUM.ensure),
        pytest("browser", given, *parallel, "-m", "browser"),
    ]


def main(arguments: list[str]) -> int:
    given = [argument for argument in arguments if argument != "--long"]
    for name in PUT_ASIDE:
        os.environ.pop(name, None)
    if "--long" in arguments:
        os.environ["LONG"] = "1"
    times, failed = [], []
    with tempfile.TemporaryDirectory(prefix="console-checks-") as scratch:
        for step in steps(given, scratch):
            print(f"\n== {step.name}", flush=True)
            started = time.monotonic()
            if not step.run():
                failed.append(step.name)
            times.append((step.name, time.monotonic() - started))
    each = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in times)
    total = sum(seconds for _, seconds in times)
    verdict = f"FAILED: {', '.join(failed)}" if failed else "all passed"
    print(f"\n{verdict} in {total:.0f} s ({each})")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
