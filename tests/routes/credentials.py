"""A credential of everyone who can have one, for walks over the management API."""

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.actors import Actor
from accounts.members.services import remove_member
from accounts.models import AuditEvent
from keys.enums import TokenScope
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.personal_tokens import made
from tests.keys.helpers.service_accounts import acting_account
from tests.keys.helpers.terminal_client import logged_in
from tests.routes import scene as ids_of
from tests.routes.answers import undone
from tests.routes.lines import PEOPLE
from tests.routes.scene import Scene
from tests.support.clock import DAY, set_clock
from tests.usage.budgets.setup import programmed_budgets
from tests.world import join

WRITE = TokenScope.WRITE
BELOW = "/v1/organization"

UNKNOWN = {
    "project": f"proj_{'0' * 20}",
    "user": ids_of.UNKNOWN_USER,
    "invite": ids_of.UNKNOWN_INVITATION,
    "key": ids_of.UNKNOWN_KEY,
    "account": ids_of.UNKNOWN_ACCOUNT,
    "account_token": ids_of.UNKNOWN_ACCOUNT_TOKEN,
    "token": ids_of.UNKNOWN_TOKEN,
    "request": ids_of.UNKNOWN_REQUEST,
    "admin_key": ids_of.UNKNOWN_ADMIN_KEY,
    "rate_limit": "rl_unknown",
    "alert": ids_of.UNKNOWN_BUDGET,
}


class Callers:
    """The scene with a credential of everyone that can have one."""

    def __init__(self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        settings.RATE_LIMIT_READ = settings.RATE_LIMIT_PERSON = settings.RATE_LIMIT_REFUSED = 0
        self.scene = Scene()
        self.world = world = self.scene.world
        self.alerts = {
            place: programmed_budgets(world.owner, place)
            for place in (world.organization, world.research)
        }
        self.foreign_alert = programmed_budgets(world.stranger, world.other_organization)
        self.secrets = {person: self.token_of(person) for person in PEOPLE}
        self.secrets |= {
            "admin key": issue_admin_key(world.owner, world.organization, "Cast").secret,
            "account": acting_account(world.owner, world.research, "Cast")[1],
            "external account": acting_account(world.external_admin, world.research, "Ext")[1],
            "member account": acting_account(world.owner, world.research, "M", "member")[1],
            "external member account": acting_account(
                world.external_admin, world.research, "EM", "member"
            )[1],
            "owner, read": made(world.owner, world.organization, "reads").secret,
            "owner, project": made(world.owner, world.research, "p", scope=WRITE).secret,
            "API key": world.key_secret,
            "terminal": logged_in(world.owner).access,
            "stranger": made(world.stranger, world.other_organization, scope=WRITE).secret,
        }
        with monkeypatch.context() as past:
            set_clock(past, timezone.now() - 30 * DAY)
            self.secrets["expired"] = made(world.owner, world.organization, days=7).secret
        self.secrets["former"] = self.token_of_former()

    def token_of(self, person: str) -> str:
        user, world = getattr(self.world, person), self.world
        place = world.research if person.startswith("external") else world.organization
        return made(user, place, "walk", scope=WRITE).secret

    def token_of_former(self) -> str:
        """Of a member who has left since."""
        world = self.world
        user = join(world.organization, "left@northwind.example")
        secret = made(user, world.organization, scope=WRITE).secret
        membership = world.organization.memberships.get(user=user)
        remove_member(actor=Actor.of_user(world.owner), membership=membership)
        return secret

    def send(self, caller: str, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The answer, with `changed`: whether an event was recorded. It is undone."""
        before = AuditEvent.objects.count()
        with undone():
            answer: Any = Client(raise_request_exception=False).generic(
                method,
                f"{BELOW}{path}",
                json.dumps(body).encode() if body else b"",
                content_type="application/json",
                headers={"authorization": f"Bearer {self.secrets[caller]}", **headers},
            )
            answer.changed = AuditEvent.objects.count() != before
        return answer

    def ids(self, place: str) -> dict[str, str]:
        world, scene = self.world, self.scene
        users = {
            "owner row": world.owner,
            "row": world.project_member,
            "external row": world.external,
        }
        projects = {"default project": world.default, "production": world.production}
        invite = world.member_invitation if place == "member invitation" else world.invitation
        alert = self.alerts[world.organization if place == "budget row" else world.research]
        return {
            "alert": alert.public_id,
            "project": projects.get(place, world.research).public_id,
            "user": users.get(place, world.member).public_id,
            "invite": invite.public_id,
            "key": world.key.public_id,
            "account": scene.account.public_id,
            "account_token": scene.account_token.public_id,
            "token": scene.token.public_id,
            "request": world.support_request.public_id,
            "admin_key": scene.admin_key.public_id,
            "rate_limit": "rl_all",
        }

    @property
    def foreign(self) -> dict[str, str]:
        """Contoso's of each kind."""
        world, scene = self.world, self.scene
        return {
            "alert": self.foreign_alert.public_id,
            "project": world.other_project.public_id,
            # Every project has the same one.
            "rate_limit": "rl_other",
            "user": world.other_member.public_id,
            "invite": world.other_invitation.public_id,
            "key": world.other_key.public_id,
            "account": scene.other_account.public_id,
            "account_token": scene.other_account_token.public_id,
            "token": scene.other_token.public_id,
            "request": world.other_support_request.public_id,
            "admin_key": scene.other_admin_key.public_id,
        }
