"""Triggers that keep periods of access: they begin, change and end with the rows that grant it."""

from accounts.triggers.kinds import NOW, Reaction, Trigger


def period_triggers(*, table: str, periods: str, parent: str, begins: str) -> tuple[Trigger, ...]:
    """Returns triggers that keep the table `periods` for the rows of `table`.

    Both have the columns `user_id` and `parent`. A period begins at the moment in the column `begins`. One
    that the application has already ended, by its own clock, is left alone.
    """
    name = table.partition("_")[2]
    columns = f"({parent}, user_id, role, started_at)"

    def of(row: str) -> str:
        return f"user_id = {row}.user_id AND {parent} = {row}.{parent}"

    def end(row: str) -> str:
        later = f"CASE WHEN {NOW} < started_at THEN started_at ELSE {NOW} END"
        return f"UPDATE {periods} SET ended_at = {later} WHERE {of(row)} AND ended_at IS NULL"

    return (
        Reaction(
            f"{name}_begins_period",
            table,
            "INSERT",
            f"INSERT INTO {periods} {columns} VALUES (NEW.{parent}, NEW.user_id, NEW.role, NEW.{begins})",
        ),
        Reaction(
            f"{name}_changes_period",
            table,
            "UPDATE OF role",
            f"{end('NEW')}; INSERT INTO {periods} {columns} SELECT NEW.{parent}, NEW.user_id, "
            f"NEW.role, COALESCE(MAX(ended_at), NEW.{begins}) FROM {periods} WHERE {of('NEW')}",
            when="OLD.role <> NEW.role",
        ),
        Reaction(f"{name}_ends_period", table, "DELETE", end("OLD")),
    )


MEMBERSHIP_PERIOD_TRIGGERS = period_triggers(
    table="accounts_membership",
    periods="accounts_membershipperiod",
    parent="organization_id",
    begins="joined_at",
)
