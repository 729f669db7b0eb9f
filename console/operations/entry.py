"""Decides whether a command may run on the database that its environment names.

A forgotten environment, as cron has it, names a SQLite file that does not exist, or makes a console with
customers look like a demo. Neither may pass for a console in which all is well.
"""

import os

import django
from django.core.management import CommandError, call_command, get_commands

# They make the database, or need none. All other commands of the console read what is in it.
WITHOUT_DATA = {
    *("prepare", "migrate", "createcachetable", "check_start", "permissions_doc", "seed_demo"),
    *("create_organization", "create_service_credential", "createsuperuser", "import_catalogue"),
}
OWN_APPS = ("console", "accounts", "projects", "keys", "usage")


def admit_command(name: str) -> None:
    """Raises CommandError if the command must not run on this database.

    With PREPARE_IF_FRESH in the environment, as bin/manage sets it, an empty database is prepared for
    commands that can begin with one. DEMO_ASSUMED says that DEMO=1 is only a default.
    """
    if not name or name.startswith("-") or name in ("help", "version"):
        return
    django.setup()  # before `get_commands`, which remembers what it finds
    if name not in get_commands():
        return
    # These need the app registry.
    from console.operations.preparation import is_fresh
    from console.operations.startup import is_missing, refuse_missing_database

    if reads_data(name):
        refuse_missing_database()
        if is_fresh():
            raise CommandError(
                "The database is empty. Set DATABASE_URL or ENV_FILE, or run bin/manage prepare."
            )
    elif os.environ.get("PREPARE_IF_FRESH") and name != "prepare" and (is_missing() or is_fresh()):
        call_command("prepare")
    if os.environ.get("DEMO_ASSUMED") and not (is_missing() or is_fresh()):
        refuse_assumed_demo()


def reads_data(name: str) -> bool:
    """Returns whether the command is the console's and means nothing on an empty database."""
    application = get_commands()[name]
    return name not in WITHOUT_DATA and str(application) in OWN_APPS


def refuse_assumed_demo() -> None:
    """Raises CommandError if the database has customers but no demo, and DEMO is not in the environment."""
    from accounts.models import Organization, User
    from console.demo.sign_ins import SIGN_INS

    has_demo = User.objects.filter(email__in=SIGN_INS).exists()
    if not has_demo and (User.objects.exists() or Organization.objects.exists()):
        raise CommandError(
            "DEMO is not set, and this console is in use without demo data. Set DEMO=0 in the environment or "
            "in DATA_DIR/console.env. DEMO=1 would add demo data."
        )
