"""Where usage is measured: a fresh database with one organization, its projects and keys.

A script runs itself once a database, in a process whose environment says which one.
"""

import gc
import io
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

DATABASES = ("sqlite", "postgresql")
MARK = "BENCH_DATABASE"


def each_database(module: str, wanted: str | None, arguments: list[str]) -> int:
    """Runs the script once for every database wanted; the worst of the exit codes."""
    from tests.support.postgres import started_postgres

    worst = 0
    for database in [wanted] if wanted else DATABASES:
        with tempfile.TemporaryDirectory(prefix="console-bench-") as directory:
            (Path(directory) / "static").mkdir()
            address = (
                started_postgres()
                if database == "postgresql"
                else f"sqlite:///{directory}/console.sqlite3"
            )
            environment = {
                **os.environ,
                **{name: secrets.token_urlsafe(48) for name in ("SECRET_KEY", "PEPPER")},
                "ENCRYPTION_KEY": secrets.token_urlsafe(48),
                "DJANGO_SETTINGS_MODULE": "console.settings",
                "DEMO": "1",
                "LOG_LEVEL": "ERROR",
                "DATA_DIR": directory,
                "DATABASE_URL": address,
                MARK: database,
            }
            command = [sys.executable, "-u", "-m", module, *arguments]
            worst = max(worst, subprocess.run(command, env=environment, check=False).returncode)
    return worst


def inside() -> str | None:
    """The database this process is for; None in the one that starts the others."""
    return os.environ.get(MARK)


def prepare(projects: int, keys: int) -> tuple[Any, list[Any], list[Any]]:
    """Migrates and makes an organization; gives it with its projects and their keys, dealt in turn."""
    import django

    django.setup()
    from django.core.management import call_command

    from accounts.organizations.services.organizations import create_ownerless_organization
    from keys.limits import choose_database
    from keys.models import ApiKey

    call_command("migrate", verbosity=0)
    call_command(
        "import_catalogue",
        preset="inference-platform",
        starts_on="2020-01-01",
        stdout=io.StringIO(),
    )
    call_command("createcachetable", database=choose_database(), verbosity=0)
    organization = create_ownerless_organization("Bench")
    organization.project_limit = projects + 1
    organization.save(update_fields=["project_limit"])
    made = [
        organization.projects.create(name=f"Project {n}", slug=f"bench-{n}")
        for n in range(projects)
    ]
    of_keys = [ApiKey(project=made[n % projects], name=f"Key {n}") for n in range(keys)]
    # As console/wsgi.py does.
    gc.collect()
    gc.freeze()
    return organization, made, ApiKey.objects.bulk_create(of_keys)


def verdict(label: str, value: float, limit: float, *, at_least: bool) -> bool:
    """Prints one line of the verdict; whether the target is met."""
    met = value >= limit if at_least else value <= limit
    sign = "≥" if at_least else "≤"
    print(f"{label:<58} {value:8.2f} {sign} {limit:g} {'met' if met else 'MISSED'}")
    return met
