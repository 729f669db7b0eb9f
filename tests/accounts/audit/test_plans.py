"""Filters read no more than the organization's own events, however many others there are."""

import pytest
from django.db import connection

from accounts.audit.api import filter_events
from accounts.audit.log import AuditLogQuery
from accounts.audit.payloads import AuditParameters
from accounts.models.audit import AuditEventQuerySet
from tests.world import World, build_world

pytestmark = pytest.mark.django_db
STRANGER = "nobody@partner.example"
INDEX = "auditpersonaldata_by_actor"


@pytest.fixture
def world() -> World:
    return build_world()


def explain(events: AuditEventQuerySet) -> str:
    """How the database reads the newest page of the events, with tables too small to be read whole."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    return events.with_personal_data().order_by("-sequence")[:21].explain()


def test_events_of_an_address_without_a_user_are_found_by_an_index(world: World) -> None:
    parameters = AuditParameters(actor_emails=[STRANGER])
    assert INDEX in explain(filter_events(world.organization, parameters))
    events = AuditLogQuery(actor=STRANGER).apply(
        world.organization.audit_chain.events.all(), world.organization
    )
    assert INDEX in explain(events)
