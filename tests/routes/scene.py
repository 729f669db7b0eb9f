"""The world of the route walk: who asks, and which ids stand for another's and for unknown ones."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.urls import reverse

from accounts.enums import SupportRequestState
from keys.models import PersonalToken
from projects.models import Collaborator
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.personal_tokens import made
from tests.keys.helpers.service_accounts import create_account, issue_account_token
from tests.routes.answers import Answer, Caller
from tests.usage.budgets.setup import notifying_budget
from tests.world import World, build_world, invited, issued

UNKNOWN_SLUG = "no-such-thing"
UNKNOWN_ROW = "collab_00000000000000000000"
UNKNOWN_USER = "user_00000000000000000000"
UNKNOWN_KEY = "key_00000000000000000000"
UNKNOWN_ACCOUNT = "svc_00000000000000000000"
UNKNOWN_ACCOUNT_TOKEN = "svctok_00000000000000000000"
UNKNOWN_ADMIN_KEY = "akey_00000000000000000000"
UNKNOWN_TOKEN = "pat_00000000000000000000"
UNKNOWN_BUDGET = "budget_00000000000000000000"
UNKNOWN_INVITATION = "invitation_00000000000000000000"
UNKNOWN_REQUEST = "request_00000000000000000000"
# The 404 of an address without a route, by person and method.
NOWHERE: dict[tuple[str, str], Answer] = {}


@dataclass
class Scene:
    """The world, and a browser for each person in it."""

    world: World = field(default_factory=build_world)
    callers: dict[str, Caller] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Both ask again in the walk: support has answered the first time.
        for request in (self.world.support_request, self.world.other_support_request):
            request.state = SupportRequestState.GRANTED
            request.save(update_fields=["state"])
        # Reading writes that externals are active, unless they were just now.
        Collaborator.objects.all().mark_active()
        # Before anything stands still.
        self.token: PersonalToken = made(self.world.project_member, self.world.research).token
        self.admin_key = issue_admin_key(self.world.owner, self.world.organization, "CI").key
        self.other_admin_key = issue_admin_key(
            self.world.stranger, self.world.other_organization, "CI"
        ).key
        northwind, contoso = self.world.owner, self.world.stranger
        self.account = create_account(northwind, self.world.research, "Build")
        self.account_token = issue_account_token(northwind, self.account).token
        self.production_account = create_account(northwind, self.world.production, "Build")
        self.other_account = create_account(contoso, self.world.other_project, "Build")
        self.other_account_token = issue_account_token(contoso, self.other_account).token
        self.budget = notifying_budget(northwind, self.world.organization)
        self.project_budget = notifying_budget(northwind, self.world.research)
        self.production_budget = notifying_budget(northwind, self.world.production)
        self.other_budget = notifying_budget(contoso, self.world.other_organization)
        self.other_project_budget = notifying_budget(contoso, self.world.other_project)
        self.other_token = made(self.world.other_member, self.world.other_organization).token

    def caller(self, person: str) -> Caller:
        if person not in self.callers:
            user = None if person == "anonymous" else getattr(self.world, person)
            self.callers[person] = Caller(user)
        return self.callers[person]

    def ask(
        self,
        person: str,
        method: str,
        name: str,
        kwargs: dict[str, str],
        data: dict[str, Any] | None = None,
    ) -> Answer:
        return self.caller(person).send(method, reverse(name, kwargs=kwargs), data)

    def answer_of_nowhere(self, person: str, method: str) -> Answer:
        """The 404 of an address without a route. The people and their pages are those of every scene."""
        key = person, method
        if key not in NOWHERE:
            NOWHERE[key] = self.caller(person).send(method, "/nothing/at/all/")
        return NOWHERE[key]

    @cached_property
    def production_row(self) -> str:
        """A collaborator of another project of the same organization."""
        row = self.world.production.collaborators.get()
        return str(row.public_id)

    @cached_property
    def production_key(self) -> str:
        """A key of another project of the same organization."""
        return issued(self.world.production, self.world.owner).key.public_id

    @cached_property
    def production_invitation(self) -> str:
        """A pending invitation to another project of the same organization."""
        production = self.world.production
        production.allow_external_collaborators = True
        production.save(update_fields=["allow_external_collaborators"])
        return invited(production, "second@partner.example").public_id
