"""Callers of the management API: each kind of credential, and what an operation answers to all of them."""

import json
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.test import Client

from keys.enums import TokenScope
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.personal_tokens import made
from tests.keys.helpers.service_accounts import acting_account
from tests.keys.helpers.terminal_client import logged_in
from tests.support.openapi_contract import documented
from tests.world import World

WRITE, READ = TokenScope.WRITE, TokenScope.READ
CALLERS: dict[str, Callable[[World], str]] = {
    "admin key": lambda w: issue_admin_key(w.owner, w.organization, "Caller").secret,
    "owner": lambda w: made(w.owner, w.organization, scope=WRITE).secret,
    "owner, read": lambda w: made(w.owner, w.organization, "reads", scope=READ).secret,
    "admin": lambda w: made(w.admin, w.organization, scope=WRITE).secret,
    "admin, read": lambda w: made(w.admin, w.organization, "reads", scope=READ).secret,
    "member": lambda w: made(w.member, w.organization, scope=WRITE).secret,
    "member, read": lambda w: made(w.member, w.organization, "reads", scope=READ).secret,
    "external, project": lambda w: made(w.external, w.research, scope=WRITE).secret,
    "owner, project": lambda w: made(w.owner, w.research, "narrow", scope=WRITE).secret,
    "service account": lambda w: acting_account(w.owner, w.research)[1],
    "API key": lambda w: w.key_secret,
    "terminal": lambda w: logged_in(w.owner).access,
    "terminal, project": lambda w: logged_in(w.owner).project_token(w.research),
    "no credential": lambda w: "",
}
NEVER = {
    **dict.fromkeys(["external, project", "owner, project", "service account", "API key"], 403),
    **dict.fromkeys(["terminal", "terminal, project"], 403),
    "no credential": 401,
}
# What operations answer, by who may call them.
READ_BY_MEMBERS = {name: NEVER.get(name, 200) for name in CALLERS}
READ_BY_ADMINS = READ_BY_MEMBERS | dict.fromkeys(["member", "member, read"], 403)
WRITTEN_BY_ADMINS = READ_BY_ADMINS | dict.fromkeys(["owner, read", "admin, read"], 403)


def send(secret: str, method: str, path: str, body: Any = None, **headers: str) -> Any:
    """The answer, once the OpenAPI document knows it."""
    if secret:
        headers["authorization"] = f"Bearer {secret}"
    content = b"" if body is None else json.dumps(body).encode()
    answer = Client(raise_request_exception=False).generic(
        method, path, content, content_type="application/json", headers=headers
    )
    return documented(answer)


def find_statuses(world: World, method: str, path: str, body: Any = None) -> dict[str, int]:
    """The status that each kind of caller gets. What they change is undone, so that all find the same."""
    statuses = {}
    for name, make in CALLERS.items():
        with transaction.atomic():
            statuses[name] = send(make(world), method, path, body).status_code
            transaction.set_rollback(True)
    return statuses
