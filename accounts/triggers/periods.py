"""Periods of access begin, change and end with the rows that give the access."""

from accounts.triggers.kinds import NOW, Reaction, Trigger


def period_triggers(*, table: str, periods: str, place: str, begins: str) -> tuple[Trigger, ...]:
    """Keeps the table `periods` of the rows of `table`: of a `user_id` in a `place`, a column of both.

    A period begins at the moment in the column `begins`. One that the application has ended already, by its
    own clock, stays as it is.
    """
    name = table.partition("_")[2]
    columns = f"({place}, user_id, role, started_at)"

    def of(row: str) -> str:
        return f"user_id = {row}.user_id AND {place} = {row}.{place}"

    def end(row: str) -> str:
        later = f"CASE WHEN {NOW} < started_at THEN started_at ELSE {NOW} END"
        return f"UPDATE {periods} SET ended_at = {later} WHERE {of(row)} AND ended_at IS NULL"

    return (
        Reaction(
            f"{name}_begins_period",
            table,
            "INSERT",
            f"INSERT INTO {periods} {columns} VALUES (NEW.{place}, NEW.user_id, NEW.role, NEW.{begins})",
        ),
        Reaction(
            f"{name}_changes_period",
            table,
            "UPDATE OF role",
            f"{end('NEW')}; INSERT INTO {periods} {columns} SELECT NEW.{place}, NEW.user_id, "
            f"NEW.role, COALESCE(MAX(ended_at), NEW.{begins}) FROM {periods} WHERE {of('NEW')}",
            when="OLD.role <> NEW.role",
        ),
        Reaction(f"{name}_ends_period", table, "DELETE", end("OLD")),
    )


MEMBERSHIP_PERIOD_TRIGGERS = period_triggers(
    table="accounts_membership",
    periods="accounts_membershipperiod",
    place="organization_id",
    begins="joined_at",
)
