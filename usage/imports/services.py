"""Stores usage from files of history, which is intended for a project or for an organization."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action
from accounts.models import Organization
from projects.models import Project
from usage.attribution import AttributionInput, Location
from usage.enums import Outcome
from usage.ids import OrganizationId, ProjectId
from usage.ingest.events import Event
from usage.ingest.results import IngestResult
from usage.ingest.services.recording import record_usage
from usage.ledger.sources import get_source


@dataclass(frozen=True)
class ImportTarget:
    """What history is intended for. Each target has its own source, which sets its event ids apart."""

    organization: Organization
    project: Project | None = None

    @property
    def row(self) -> Organization | Project:
        return self.project or self.organization

    @property
    def source(self) -> str:
        return f"import:{self.row.public_id}"

    def build_attribution(self) -> AttributionInput:
        organization = OrganizationId(self.organization.pk)
        default = self.organization.projects.default()
        return AttributionInput(
            default=Location(organization=organization, project=ProjectId(default.pk)),
            project=Location(organization=organization, project=ProjectId(self.project.pk))
            if self.project
            else None,
        )


def import_events(
    *, actor: Actor, target: ImportTarget, events: Sequence[Event], file: str | None
) -> list[IngestResult]:
    """Stores the valid events in one transaction and returns the result of each.

    `file` is the name for the audit log, None if the import has been recorded there already.
    """
    with transaction.atomic():
        source = get_source(target.source)
        results = record_usage(source=source, events=events, history=target.build_attribution())
        if file and any(result.outcome == Outcome.ACCEPTED for result in results):
            record(
                actor,
                Action.USAGE_IMPORTED,
                organization=target.organization,
                target=target.row,
                label=str(target.row),
                after={"file": file, "product": events[0].product},
            )
    return results


def try_events(*, target: ImportTarget, events: Sequence[Event]) -> list[IngestResult]:
    """Returns the result that importing each event would have. Changes nothing."""
    with transaction.atomic():
        source = get_source(target.source)
        results = record_usage(source=source, events=events, history=target.build_attribution())
        transaction.set_rollback(True)
    return results
