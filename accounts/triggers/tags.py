"""Triggers on the periods of tags: the past stays as it was, and periods of the same name do not overlap."""

from dataclasses import dataclass

from accounts.triggers.kinds import Guard, Trigger, changes_any

TAG, MAX_TAGS = "projects_tag", 16
# Both databases have the day in UTC, SQLite as text.
TODAY = "CURRENT_DATE"
OVERLAP = (
    "(o.ends_on IS NULL OR o.ends_on > NEW.starts_on) "
    "AND (NEW.ends_on IS NULL OR NEW.ends_on > o.starts_on)"
)
KEPT = "the tags of past days and of today are kept"


@dataclass(frozen=True)
class TagPeriods:
    """A table of tag periods.

    `owner` is its column that refers to the table `owners`. `place` is a FROM clause with the owner as `w`
    and its project as `p`.
    """

    table: str
    owner: str
    owners: str
    place: str

    @property
    def others(self) -> str:
        return f"FROM {self.table} o WHERE o.{self.owner} = NEW.{self.owner}"

    def refuse(self, rule: str, event: str, when: str, message: str, lock: str = "") -> Guard:
        name = self.table.partition("_")[2]
        return Guard(f"{name}_{rule}", self.table, event, when, message, lock)

    def list_triggers(self) -> tuple[Trigger, ...]:
        return (*self.keep_past(), *self.keep_limits())

    def keep_past(self) -> tuple[Trigger, ...]:
        ended = " OR ".join(f"coalesce({row}.ends_on <= {TODAY}, FALSE)" for row in ("OLD", "NEW"))
        return (
            self.refuse(
                "not_mixed",
                "INSERT",
                f"NOT EXISTS (SELECT 1 FROM {self.place} "
                f"JOIN {TAG} t ON t.organization_id = p.organization_id "
                f"WHERE w.id = NEW.{self.owner} AND t.id = NEW.tag_id AND t.name = NEW.name)",
                "a tag is one of the same organization, with its name",
            ),
            self.refuse("begins_later", "INSERT", f"NEW.starts_on <= {TODAY}", KEPT),
            self.refuse("past_stays", "UPDATE OF ends_on", ended, KEPT),
            self.refuse("begun_no_delete", "DELETE", f"OLD.starts_on <= {TODAY}", KEPT),
            self.refuse(
                "stays_put",
                "UPDATE",
                changes_any(self.owner, "tag_id", "name", "starts_on"),
                "a period is that of one tag, and keeps its start",
            ),
        )

    def keep_limits(self) -> tuple[Trigger, ...]:
        lock = f"PERFORM 1 FROM {self.owners} w WHERE w.id = NEW.{self.owner} FOR NO KEY UPDATE;"
        overlaps = f"EXISTS (SELECT 1 {self.others} AND o.name = NEW.name AND {OVERLAP}"
        later = "OLD.ends_on IS NOT NULL AND (NEW.ends_on IS NULL OR NEW.ends_on > OLD.ends_on)"
        # A new row has no id yet on SQLite.
        overlap = {"INSERT": f"{overlaps})", "UPDATE OF ends_on": f"{overlaps} AND o.id <> NEW.id)"}
        full = {
            "INSERT": self.build_full_condition("NEW.starts_on"),
            "UPDATE OF ends_on": f"{later} AND {self.build_full_condition('OLD.ends_on')}",
        }
        return tuple(
            self.refuse(f"{event.split()[0].lower()}_{rule}", event, when, message, lock)
            for rule, message, conditions in (
                ("no_overlap", "a tag has one value on a day", overlap),
                ("within_limit", f"there are at most {MAX_TAGS} tags on a day", full),
            )
            for event, when in conditions.items()
        )

    def build_full_condition(self, first_day: str) -> str:
        """Returns the condition that there are as many others as possible from that day on."""
        holding = f"(o.ends_on IS NULL OR o.ends_on > {first_day})"
        return f"(SELECT count(*) {self.others} AND {holding}) >= {MAX_TAGS}"
