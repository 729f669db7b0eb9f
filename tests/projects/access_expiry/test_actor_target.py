"""Every actor × target for end dates and vouching, oneself included: service and page, none wrong."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.test import Client
from django.urls import reverse

from accounts.actors import Actor
from accounts.errors import Conflict
from projects.models import Collaborator
from projects.services.endings import set_end_date
from projects.services.externals import vouch_for
from tests.database.refusals import all_rows
from tests.projects.helpers.actors import (
    ACTORS,
    OUTSIDE,
    TARGETS,
    Cast,
    build_cast,
    is_allowed,
    kind,
)

pytestmark = pytest.mark.django_db
DAY = dt.date(2999, 12, 31)
STAFFED = ("owner", "admin", "project admin")


@pytest.fixture
def cast(db: None) -> Cast:
    cast = build_cast()
    # Reading writes that externals are active, unless they were just now.
    Collaborator.objects.all().mark_active()
    return cast


def may_end(actor: str, target: str) -> bool:
    """As for a role; but nobody moves their own last day unless they are in through their role."""
    return is_allowed(actor, target) and (actor != target or kind(actor) in ("owner", "admin"))


def expected(act: str, actor: str, target: str) -> int:
    if kind(actor) in OUTSIDE:
        return 404
    if act == "end_date":
        return 302 if may_end(actor, target) else 403
    if kind(actor) not in STAFFED:
        return 403
    if not kind(target).startswith("external"):
        return 404
    # The Owner invited them all, and so vouches for them already.
    return 409 if actor == "owner" else 302


def by_service(cast: Cast, act: str, actor: str, target: str) -> int:
    row = Collaborator.objects.select_related("project").get(pk=cast.rows[target].pk)
    by = Actor.of_user(cast.people[actor])
    try:
        if act == "end_date":
            set_end_date(actor=by, collaborator=row, end_date=DAY)
        else:
            vouch_for(actor=by, collaborator=row)
    except Conflict:
        return 409
    except PermissionDenied:
        return 403
    except Http404:
        return 404
    return 302


def over_http(cast: Cast, client: Client, act: str, target: str) -> int:
    arguments = [cast.project.slug, cast.rows[target].public_id]
    data = {"end_date": DAY.isoformat()} if act == "end_date" else {}
    return client.post(reverse(f"collaborator_{act}", args=arguments), data).status_code


def done(cast: Cast, act: str, actor: str, target: str) -> bool:
    row = Collaborator.objects.get(pk=cast.rows[target].pk)
    return row.end_date == DAY if act == "end_date" else row.vouched_by == cast.people[actor]


@pytest.mark.parametrize("act", ["end_date", "vouch"])
@pytest.mark.parametrize("actor", ACTORS)
def test_exactly_what_the_rules_allow_is_done(
    cast: Cast, client: Client, actor: str, act: str
) -> None:
    client.force_login(cast.people[actor])
    before, wrong = all_rows()["projects_collaborator"], []
    for target in TARGETS:
        for way in ("service", "page"):
            with transaction.atomic():
                status = (
                    by_service(cast, act, actor, target)
                    if way == "service"
                    else over_http(cast, client, act, target)
                )
                right = (
                    done(cast, act, actor, target)
                    if status == 302
                    else all_rows()["projects_collaborator"] == before
                )
                transaction.set_rollback(True)
            if status != expected(act, actor, target) or not right:
                wrong.append((way, target, status, expected(act, actor, target), right))
    assert wrong == []
