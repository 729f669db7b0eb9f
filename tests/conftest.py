"""Plumbing for all tests: both databases, what runs when, and how the browser starts."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker
from xdist.remote import Producer

from tests.support.programs import CHROMIUM
from tests.support.scheduling import Scheduling

# How long one example takes says more about the machine than about the code.
hypothesis_settings.register_profile("console", deadline=None)
hypothesis_settings.load_profile("console")

LONG = os.environ.get("LONG") == "1"
BROWSER_TESTS = Path(__file__).parent / "browser"
# They keep Chromium quiet.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_configure(config: pytest.Config) -> None:
    if config.option.markexpr == "browser":
        # Playwright's synchronous API runs an event loop in the test's thread, where Django would
        # refuse to touch the database.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    return Scheduling(config, log)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Otherwise every process imports the tests of the other runs first, only to leave them out."""
    inside = collection_path.is_relative_to(BROWSER_TESTS)
    leads_there = BROWSER_TESTS.is_relative_to(collection_path)
    left_out = {"browser": not (inside or leads_there), "not browser": inside}
    return left_out.get(config.option.markexpr) or None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        allow_every_database(item)
    left_out = [item for item in items if is_left_out(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_collection_finish() -> None:
    """The garbage collector need not go through all modules and tests time and again."""
    gc.collect()
    gc.freeze()


def is_left_out(item: pytest.Item) -> bool:
    """Full figures without `--long`, and what only PostgreSQL does on SQLite."""
    if item.get_closest_marker("long") and not LONG:
        return True
    postgresql = os.environ.get("TEST_DATABASE") == "postgresql"
    return item.get_closest_marker("postgresql") is not None and not postgresql


def allow_every_database(item: pytest.Item) -> None:
    """A test with the database may use the cache's own file too: throttles are part of each page."""
    marker = item.get_closest_marker("django_db")
    if marker is not None:
        arguments = {"databases": "__all__", **marker.kwargs}
    elif "live_server" in getattr(item, "fixturenames", ()):
        arguments = {"databases": "__all__", "transaction": True}
    else:
        return
    item.add_marker(pytest.mark.django_db(**arguments), append=False)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """With the catalogue that `flush` puts back after tests that commit."""
    from tests.support.catalogue import fill_catalogue  # needs the app registry

    with django_db_blocker.unblock():
        fill_catalogue()


@pytest.fixture(scope="session", autouse=True)
def track_sessions() -> Iterator[None]:
    """Gives sessions of the test client their row, as a sign-in would."""
    from tests.support.sessions import force_tracked_login  # needs the app registry

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.test.client.ClientMixin.force_login", force_tracked_login)
        yield


@pytest.fixture(autouse=True)
def forgotten_rows() -> None:
    """No test finds the rows that the test before remembered, which are gone by now."""
    from usage.row_cache import RowCache

    RowCache.clear_all()


@pytest.fixture(scope="session")
def long_run() -> bool:
    """Whether this run is for the full figures: `rounds = 500 if long_run else 20`."""
    return LONG


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium instead of a downloaded one; without any the test fails, it is not skipped."""
    executable = CHROMIUM.required()
    return {**browser_type_launch_args, "executable_path": executable, "args": list(FLAGS)}
