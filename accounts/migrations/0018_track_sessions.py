"""Gives sessions from before there were rows a row, so that their person sees them and can end them.

A session without a row is signed out from now on; see accounts/sessions/tracking.py.
"""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db import migrations
from django.utils import timezone

AT_ONCE = 500


def track_sessions(apps: Any, schema_editor: Any) -> None:
    sessions = apps.get_model("sessions", "Session").objects
    rows = apps.get_model("accounts", "UserSession").objects
    stored = sessions.filter(expire_date__gt=timezone.now())
    untracked = stored.exclude(session_key__in=rows.values("session_key"))
    keys = list(untracked.values_list("session_key", flat=True))
    for start in range(0, len(keys), AT_ONCE):
        some = sessions.filter(session_key__in=keys[start : start + AT_ONCE])
        add_rows(apps, dict(some.values_list("session_key", "session_data")))


def add_rows(apps: Any, stored: dict[str, str]) -> None:
    """Adds a row for each of the sessions in which a user is signed in; `stored` has their data by key.

    Ignores those that the version before, which may still be running, has just added itself.
    """
    row = apps.get_model("accounts", "UserSession")
    users = {key: find_user(data) for key, data in stored.items()}
    existing = apps.get_model("accounts", "User").objects.filter(
        pk__in=filter(None, users.values())
    )
    pks = set(existing.values_list("pk", flat=True))
    new = [row(user_id=pk, session_key=key) for key, pk in users.items() if pk in pks]
    row.objects.bulk_create(new, ignore_conflicts=True)


def find_user(data: str) -> int | None:
    """Returns the primary key of the user who is signed in there, if there is one."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    pk = store.decode(data).get(SESSION_KEY)
    return int(pk) if pk else None


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0017_sign_in_ends"),
        ("sessions", "0001_initial"),
    ]

    operations = [migrations.RunPython(track_sessions, migrations.RunPython.noop, elidable=True)]
