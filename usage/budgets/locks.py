"""The lock between those who record usage of an organization and those who change its budgets.

Recording usage shares the lock, and creating or changing a budget takes it exclusively. Usage is therefore
either in the totals that a new budget starts with, or counted when it is recorded.
"""

from collections.abc import Iterable

from django.db import connection

from usage.ids import OrganizationId

# The first of the two numbers of PostgreSQL's advisory locks; the second is the organization.
BUDGETS = 0x6275_6467
SHARE = "SELECT pg_advisory_xact_lock_shared(%s, pk::int) FROM unnest(%s::bigint[]) AS pk"
TAKE = "SELECT pg_advisory_xact_lock(%s, %s)"


def share_budgets(organizations: Iterable[OrganizationId]) -> None:
    """Keeps the budgets of these organizations as they are until the transaction ends."""
    acquire(SHARE, sorted(organizations))


def lock_budgets(organization: OrganizationId) -> None:
    """Waits for all who record usage of the organization, and holds others off until the transaction ends."""
    acquire(TAKE, organization)


def acquire(statement: str, organizations: list[OrganizationId] | OrganizationId) -> None:
    """On SQLite there is nothing to do, as transactions that write wait for each other."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(statement, [BUDGETS, organizations])
