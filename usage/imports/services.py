"""Stores usage from files of history: meant for a project, or for an organization's account."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action
from accounts.models import Organization
from projects.models import Project
from usage.attribution import Meant, Place
from usage.enums import Outcome
from usage.ingest.events import Event
from usage.ingest.services.recording import Result, record_usage
from usage.ledger.sources import source_named


@dataclass(frozen=True)
class Target:
    """Whom history is meant for. Each has a source of its own, by which its events are told apart."""

    organization: Organization
    project: Project | None = None

    @property
    def one(self) -> Organization | Project:
        return self.project or self.organization

    @property
    def source(self) -> str:
        return f"import:{self.one.public_id}"

    def meant(self) -> Meant:
        organization = self.organization.pk
        default = Place(organization, self.organization.projects.default().pk)
        return Meant(default, Place(organization, self.project.pk) if self.project else None)


def import_events(
    *, actor: Actor, target: Target, events: Sequence[Event], file: str | None
) -> list[Result]:
    """Stores the good ones in one transaction, and says of each what became of it.

    `file` is what the audit log says they came from; None when it has said so already.
    """
    with transaction.atomic():
        source = source_named(target.source)
        results = record_usage(source=source, events=events, history=target.meant())
        if file and any(one.outcome == Outcome.ACCEPTED for one in results):
            after = {"file": file, "product": events[0].product}
            record(
                actor,
                Action.USAGE_IMPORTED,
                organization=target.organization,
                target=target.one,
                label=str(target.one),
                after=after,
            )
    return results


def try_events(*, target: Target, events: Sequence[Event]) -> list[Result]:
    """What would become of them; changes nothing."""
    with transaction.atomic():
        source = source_named(target.source)
        results = record_usage(source=source, events=events, history=target.meant())
        transaction.set_rollback(True)
    return results
