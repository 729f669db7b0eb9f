"""Nobody gets more by the API than they have, for themselves or for others."""

from typing import Any, NamedTuple

import pytest
from pytest_django import Settings

from tests.routes.credentials import Callers

pytestmark = pytest.mark.django_db
ORGANIZATION_ADMINS = {"owner", "admin", "admin key"}
PROJECT_ADMINS = ORGANIZATION_ADMINS | {"owner, project", "project_admin", "account"}
ACCOUNT_MAKERS = PROJECT_ADMINS | {"external_admin", "external account"}
YEARS = 3 * 365 * 24 * 3600
RESEARCH, PRODUCTION = "/projects/{research}", "/projects/{production}"
LATE = "2999-12-31"
NO_ONE: set[str] = set()


class Attempt(NamedTuple):
    """What is sent, and who may: for them it is no more than they have. `{self}` is the holder's own id."""

    method: str
    path: str
    body: dict[str, Any] | None
    allowed: set[str]


ATTEMPTS = {
    # Roles.
    "become Admin": Attempt("POST", "/users/{self}", {"role": "owner"}, {"owner", "admin"}),
    "make an Admin": Attempt("POST", "/users/{member}", {"role": "admin"}, ORGANIZATION_ADMINS),
    "lower the Owner": Attempt("POST", "/users/{owner}", {"role": "member"}, NO_ONE),
    "remove the Owner": Attempt("DELETE", "/users/{owner}", None, NO_ONE),
    "become Project Admin": Attempt(
        "POST", f"{RESEARCH}/users/{{self}}", {"role": "owner"}, {"project_admin", "external_admin"}
    ),
    "raise an external": Attempt(
        "POST", f"{RESEARCH}/users/{{external}}", {"role": "owner"}, PROJECT_ADMINS
    ),
    # Other projects.
    "join a project": Attempt(
        "POST", f"{PRODUCTION}/users", {"user_id": "{self}", "role": "owner"}, {"owner", "admin"}
    ),
    "read a project": Attempt(
        "GET", PRODUCTION, None, ORGANIZATION_ADMINS | {"project_member", "owner, read"}
    ),
    "open a project to externals": Attempt(
        "POST", PRODUCTION, {"allow_external_collaborators": True}, ORGANIZATION_ADMINS
    ),
    "unarchive": Attempt("POST", f"{RESEARCH}/unarchive", None, NO_ONE),  # it is not archived
    # Invitations.
    "invite a second self": Attempt(
        "POST", "/invites", {"email": "me@elsewhere.example", "role": "owner"}, ORGANIZATION_ADMINS
    ),
    "invite to a project": Attempt(
        "POST",
        "/invites",
        {
            "email": "me@elsewhere.example",
            "role": "reader",
            "projects": [{"id": "{research}", "role": "owner"}],
        },
        ORGANIZATION_ADMINS,
    ),
    "read an invitation's link": Attempt(
        "POST", "/invites/{member_invitation}/link", None, ORGANIZATION_ADMINS
    ),
    "read a project invitation's link": Attempt(
        "POST", f"{RESEARCH}/invites/{{invitation}}/link", None, PROJECT_ADMINS
    ),
    # End dates.
    "drop one's end date": Attempt(
        "POST", f"{RESEARCH}/users/{{self}}", {"end_date": LATE}, NO_ONE
    ),
    "prolong an external": Attempt(
        "POST", f"{RESEARCH}/users/{{external}}", {"end_date": LATE}, PROJECT_ADMINS
    ),
    "vouch for oneself": Attempt("POST", f"{RESEARCH}/users/{{self}}/vouch", None, NO_ONE),
    "vouch for an external": Attempt(
        "POST", f"{RESEARCH}/users/{{external}}/vouch", None, {"admin", "project_admin"}
    ),
    # Service accounts.
    "create an account": Attempt(
        "POST", f"{RESEARCH}/service_accounts", {"name": "Me", "role": "owner"}, ACCOUNT_MAKERS
    ),
    "create an account elsewhere": Attempt(
        "POST", f"{PRODUCTION}/service_accounts", {"name": "Me"}, ORGANIZATION_ADMINS
    ),
    "raise an account": Attempt(
        "POST", f"{RESEARCH}/service_accounts/{{account}}", {"role": "owner"}, PROJECT_ADMINS
    ),
    "create a token of an account": Attempt(
        "POST", f"{RESEARCH}/service_accounts/{{account}}/tokens", {"name": "mine"}, PROJECT_ADMINS
    ),
    "create a token for ever": Attempt(
        "POST",
        f"{RESEARCH}/service_accounts/{{account}}/tokens",
        {"name": "mine", "expires_in_seconds": YEARS},
        NO_ONE,
    ),
    "create a key of an account": Attempt(
        "POST", f"{RESEARCH}/service_accounts/{{account}}/api_keys", {"name": "x"}, PROJECT_ADMINS
    ),
    # Admin API keys and other credentials.
    "create an admin key": Attempt("POST", "/admin_api_keys", {"name": "Mine"}, {"admin key"}),
    "create an admin key for ever": Attempt(
        "POST", "/admin_api_keys", {"name": "Mine", "expires_in_seconds": YEARS}, NO_ONE
    ),
    "create an admin key that ends later": Attempt(
        "POST", "/admin_api_keys", {"name": "Mine", "expires_in_seconds": 366 * 24 * 3600}, NO_ONE
    ),
    "create an access token": Attempt("POST", "/access_tokens", {"name": "Mine"}, NO_ONE),
    "rotate a key elsewhere": Attempt(
        "POST", f"{PRODUCTION}/api_keys/{{production_key}}/rotate", None,
        ORGANIZATION_ADMINS | {"project_member"},
    ),
    # Limits and rules.
    "relax the key policy": Attempt(
        "POST", "", {"key_policy": {"makers": "everybody", "longest_days": 3650}}, ORGANIZATION_ADMINS
    ),
    "raise the limit of projects": Attempt("POST", "", {"limits": {"projects": 99}}, NO_ONE),
    "ask for a higher limit": Attempt(
        "POST", "/support_requests", {"kind": "projects", "reason": "More."}, ORGANIZATION_ADMINS
    ),
}  # fmt: skip


@pytest.fixture
def callers(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callers:
    return Callers(settings, monkeypatch)


def find_ids(callers: Callers, holder: str) -> dict[str, str]:
    world, scene = callers.world, callers.scene
    person = getattr(world, holder.partition(",")[0], None)
    return {
        "self": person.public_id if person else f"user_{'0' * 20}",
        "member": world.member.public_id,
        "owner": world.owner.public_id,
        "external": world.external.public_id,
        "research": world.research.public_id,
        "production": world.production.public_id,
        "production_key": scene.production_key,
        "invitation": world.invitation.public_id,
        "member_invitation": world.member_invitation.public_id,
        "account": scene.account.public_id,
    }


def fill(value: Any, ids: dict[str, str]) -> Any:
    """The value with ids in place of their names."""
    if isinstance(value, dict):
        return {name: fill(part, ids) for name, part in value.items()}
    if isinstance(value, list):
        return [fill(part, ids) for part in value]
    return value.format(**ids) if isinstance(value, str) else value


def test_no_attempt_succeeds(callers: Callers) -> None:
    """Another tenant's are tried in test_twins.py: what a stranger sends here is about their own."""
    wrong, tried = [], 0
    holders = set(callers.secrets) - {"stranger"}
    for title, attempt in ATTEMPTS.items():
        for holder in sorted(holders):
            ids = find_ids(callers, holder)
            if holder == "external" and "{external}" in attempt.path:
                continue  # that is `{self}`
            tried += holder not in attempt.allowed
            answer = callers.send(
                holder, attempt.method, attempt.path.format(**ids), fill(attempt.body, ids)
            )
            if answer.status_code < 300 and holder not in attempt.allowed:
                wrong.append((holder, title, answer.status_code))
            if answer.status_code >= 300 and (holder in attempt.allowed or answer.changed):
                wrong.append((holder, title, answer.status_code, answer.changed))
    assert wrong == []
    assert tried > 400


def test_no_one_acts_in_another_organization_by_naming_it(callers: Callers) -> None:
    other = callers.world.other_organization.public_id
    for holder in ("owner", "admin key", "account"):
        answer = callers.send(holder, "GET", "/users", **{"openai-organization": other})
        assert answer.status_code == 401, holder
