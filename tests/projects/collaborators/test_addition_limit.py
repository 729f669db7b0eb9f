"""External Project Admins add only so many people a day, so that they can't try out who is a member."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.errors import TooMany
from accounts.models import User
from accounts.models.principals import Principal
from accounts.permissions import ProjectRole
from projects.services import addition_limits
from projects.services.additions import add_collaborator
from projects.services.collaborators import remove_collaborator
from tests.keys.helpers.api_client import error_of, send
from tests.keys.helpers.service_accounts import acting_account
from tests.support.clock import DAY, set_clock
from tests.support.pages import signed_in, words
from tests.world import World, join

pytestmark = pytest.mark.django_db
LIMIT = 3


@pytest.fixture(autouse=True)
def low_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addition_limits, "MAX_ADDITIONS", LIMIT)


@pytest.fixture
def people(world: World) -> list[User]:
    return [join(world.organization, f"new{i}@northwind.example") for i in range(LIMIT + 2)]


def add(world: World, who: User | Principal, email: str) -> Any:
    actor = Actor.of_user(who) if isinstance(who, User) else Actor(who)
    return add_collaborator(
        actor=actor, project=world.research, email=email, role=ProjectRole.MEMBER
    )


def test_externals_reach_the_limit_together_and_whomever_they_try(
    world: World, people: list[User]
) -> None:
    account, secret = acting_account(world.external_admin, world.research, "Theirs")
    first, second, third, fourth, fifth = people
    add(world, world.external_admin, first.email)
    row = world.research.collaborators.get(user=first)
    remove_collaborator(actor=Actor.of_user(world.external_admin), collaborator=row)
    add(world, account.make_principal(account.tokens.get().public_id), second.email)
    add(world, world.external_admin, "nobody@northwind.example")
    add(world, world.owner, third.email)
    add(world, world.external_admin, fourth.email)
    for email in (fifth.email, first.email, "nobody@northwind.example"):
        with pytest.raises(TooMany, match="External collaborators have added 3 people"):
            add(world, world.external_admin, email)
    path = f"/v1/organization/projects/{world.research.public_id}/users"
    refused = send(path, secret, {"email": fifth.email, "role": "member"})
    assert refused.status_code == 429
    assert "have added 3 people" in error_of(refused)["message"]
    page = signed_in(world.external_admin).post(
        reverse("collaborator_add", args=[world.research.slug]),
        {"email": fifth.email, "role": "member"},
    )
    assert page.status_code == 429
    assert "have added 3 people" in words(page)
    add(world, world.owner, fifth.email)
    assert add(world, world.project_admin, "nobody@northwind.example")


def test_there_is_room_again_a_day_later(
    world: World, people: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    for person in people[:LIMIT]:
        add(world, world.external_admin, person.email)
    set_clock(monkeypatch, timezone.now() + DAY)
    add(world, world.external_admin, people[LIMIT].email)
    assert world.research.collaborators.filter(user=people[LIMIT]).exists()
