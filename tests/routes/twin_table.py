"""What of the pages a program can do too: each act with its twin in the management API.

Who may do it stands in the tables of the pages alone; a program that may do more or less than they say is
a fault. The exceptions are written here, with the reason.
"""

from dataclasses import dataclass, field
from typing import Any

from tests.routes.lines import PEOPLE


@dataclass(frozen=True)
class Twin:
    """`path` is below /v1/organization, with names of ids in braces.

    `statuses` are those that differ where the page is there for the caller, `always` also where it is not.
    """

    method: str
    path: str = ""
    body: dict[str, Any] | None = None
    statuses: dict[str, int] = field(default_factory=dict)
    always: dict[str, int] = field(default_factory=dict)


ACCOUNTS = ("account", "external account")
PROGRAMS = ("admin key", *ACCOUNTS)
Acts = dict[str, tuple[Twin, ...]]
PROJECT, USER = "/projects/{project}", "/projects/{project}/users/{user}"
INVITE, KEY = "/projects/{project}/invites/{invite}", "/projects/{project}/api_keys/{key}"
ACCOUNT = "/projects/{project}/service_accounts/{account}"
YEAR, HOUR = 1_764_547_200, 3600
# Only people leave and vouch.
OF_PEOPLE = dict.fromkeys(PROGRAMS, 403)
# People create them on a page that asks for their password again.
NOT_BY_TOKENS = dict.fromkeys(("owner", "admin"), 403)
# What an external's token is for is one project; `GET /v1/projects` lists it.
OF_ONE_PROJECT = dict.fromkeys(("external", "external_admin", *ACCOUNTS), 403)
# They may not learn who is a member: the same answer for everyone.
NEUTRAL = dict.fromkeys(("external_admin", "external account"), 202)
LIMIT = {"currency": "USD", "interval": "month", "threshold_amount": 5_000}
CHANNEL = {"type": "email", "recipients": ["owner@northwind.example"]}
ALERT = {**LIMIT, "notification_channel": CHANNEL}


def budgets_below(path: str, prefix: str) -> tuple[Acts, Acts]:
    """The acts on budgets of an organization or project, and those on one of them."""
    limit, alerts, alert = (
        f"{path}/{n}" for n in ("spend_limit", "spend_alerts", "spend_alerts/{alert}")
    )
    listed: Acts = {
        f"{prefix}budgets": (Twin("GET", alerts),),
        f"{prefix}budget_create": (Twin("POST", alerts, ALERT), Twin("POST", limit, LIMIT)),
    }
    row: Acts = {
        f"{prefix}budget": (Twin("GET", limit), Twin("GET", alert)),
        f"{prefix}budget_change": (Twin("POST", limit, LIMIT), Twin("POST", alert, ALERT)),
        f"{prefix}budget_delete": (Twin("DELETE", limit), Twin("DELETE", alert)),
    }
    return listed, row


BUDGETS, BUDGET_ROW = budgets_below("", "")
PROJECT_BUDGETS, PROJECT_BUDGET_ROW = budgets_below(PROJECT, "project_")

ORGANIZATION: Acts = {
    **BUDGETS,
    "organization_settings": (
        Twin("GET"),
        Twin("POST", "", {"name": "Northwind Laboratories"}),
    ),
    "members": (Twin("GET", "/users"),),
    "audit_log": (Twin("GET", "/audit_logs"),),
    "organization_keys": (Twin("GET", "/api_keys"),),
    # None is named.
    "organization_keys_revoke": (Twin("POST", "/api_keys/revoke", {"ids": []}),),
    "organization_tokens": (Twin("GET", "/access_tokens"),),
    "admin_keys": (Twin("GET", "/admin_api_keys"),),
    "admin_key_create": (
        Twin("POST", "/admin_api_keys", {"name": "Another"}, statuses=NOT_BY_TOKENS),
    ),
    "cost_analytics": (
        Twin("GET", f"/costs?start_time={YEAR}"),
        Twin("GET", f"/usage/completions?start_time={YEAR}"),
    ),
    "key_policy": (Twin("POST", "", {"key_policy": {"longest_days": 90}}),),
    "terminal_login": (Twin("POST", "", {"terminal_login": False}),),
    "member_invite": (
        Twin("POST", "/invites", {"email": "a@elsewhere.example", "role": "reader"}),
    ),
    "members_leave": (Twin("POST", "/leave", statuses=OF_PEOPLE),),
    "projects": (Twin("GET", "/projects", statuses=OF_ONE_PROJECT),),
    "project_new": (Twin("POST", "/projects", {"name": "Billing"}),),
    "project_request": (
        Twin("POST", "/support_requests", {"kind": "projects", "reason": "One for each team."}),
    ),
    "externals_request": (
        Twin("POST", "/support_requests", {"kind": "externals", "reason": "Consultants."}),
    ),
}
MEMBER_ROW: Acts = {
    "member_role": (Twin("POST", "/users/{user}", {"role": "owner"}),),
    "member_remove": (Twin("DELETE", "/users/{user}"),),
}
OWNER_ROW: Acts = {
    "member_role": (Twin("POST", "/users/{user}", {"role": "reader"}),),
    "member_remove": (Twin("DELETE", "/users/{user}"),),
}
MEMBER_INVITATION: Acts = {
    "member_invitation_resend": (Twin("POST", "/invites/{invite}/resend"),),
    "member_invitation_withdraw": (Twin("DELETE", "/invites/{invite}"),),
    "member_invitation_link": (Twin("POST", "/invites/{invite}/link"),),
}
TOKEN_ROW: Acts = {"organization_token_revoke": (Twin("DELETE", "/access_tokens/{token}"),)}
REQUEST_ROW: Acts = {
    "support_request_withdraw": (Twin("POST", "/support_requests/{request}/withdraw"),),
}
ADMIN_KEY_ROW: Acts = {"admin_key_revoke": (Twin("DELETE", "/admin_api_keys/{admin_key}"),)}
OF_PROJECT: Acts = {
    **PROJECT_BUDGETS,
    "project": (Twin("GET", PROJECT),),
    "project_settings": (Twin("POST", PROJECT, {"name": "Research and development"}),),
    "project_slug": (Twin("POST", PROJECT, {"slug": "new-slug"}),),
    "project_tags": (Twin("POST", PROJECT, {"tags": {"team": "search"}}),),
    "project_archive": (Twin("POST", f"{PROJECT}/archive", always=OF_ONE_PROJECT),),
    "project_restore": (Twin("POST", f"{PROJECT}/unarchive", always=OF_ONE_PROJECT),),
    "collaborators": (Twin("GET", f"{PROJECT}/users"),),
    "collaborators_leave": (Twin("POST", f"{PROJECT}/leave", statuses=OF_PEOPLE),),
    "api_keys": (Twin("GET", f"{PROJECT}/api_keys"),),
    "usage": (Twin("GET", f"{PROJECT}/usage"),),
    "project_limits": (
        Twin("GET", f"{PROJECT}/limits"),
        Twin("POST", f"{PROJECT}/limits", {"requests_per_minute": 60}),
        Twin("GET", f"{PROJECT}/model_permissions"),
        Twin("POST", f"{PROJECT}/model_permissions", {"mode": "deny_list", "model_ids": ["a"]}),
        Twin("DELETE", f"{PROJECT}/model_permissions"),
        Twin("GET", f"{PROJECT}/rate_limits"),
        Twin("POST", f"{PROJECT}/rate_limits/{{rate_limit}}", {"max_requests_per_1_minute": 60}),
    ),
    "api_key_create": (Twin("POST", f"{PROJECT}/api_keys", {"name": "ci-pipeline"}),),
}
ADDITION = {"role": "member", "email": "member@northwind.example"}
PROJECT_ACTS: Acts = {
    **OF_PROJECT,
    "collaborator_add": (Twin("POST", f"{PROJECT}/users", ADDITION, statuses=NEUTRAL),),
    "collaborators_remove_externals": (Twin("POST", f"{PROJECT}/remove_externals"),),
    "service_accounts": (Twin("GET", f"{PROJECT}/service_accounts"),),
    "service_account_create": (
        Twin("POST", f"{PROJECT}/service_accounts", {"name": "Nightly build"}),
    ),
}
DEFAULT_PROJECT: Acts = {
    **OF_PROJECT,
    "service_accounts": PROJECT_ACTS["service_accounts"],
    "service_account_create": PROJECT_ACTS["service_account_create"],
}
PRODUCTION: Acts = {**OF_PROJECT, "collaborator_add": PROJECT_ACTS["collaborator_add"]}
ROW: Acts = {
    "collaborator_remove": (Twin("DELETE", USER),),
    "collaborator_role": (Twin("POST", USER, {"role": "owner"}),),
    "collaborator_end_date": (Twin("POST", USER, {"end_date": "2999-12-31"}),),
    "collaborator_vouch": (Twin("POST", f"{USER}/vouch", always=OF_PEOPLE),),
}
INVITATION: Acts = {
    "project_invitation_resend": (Twin("POST", f"{INVITE}/resend"),),
    "project_invitation_withdraw": (Twin("DELETE", INVITE),),
    "project_invitation_link": (Twin("POST", f"{INVITE}/link"),),
}
KEY_ROW: Acts = {
    "api_key_rotate": (Twin("POST", f"{KEY}/rotate", {"overlap_seconds": HOUR}),),
    "api_key_finish": (Twin("POST", f"{KEY}/finish_rotation"),),
    "api_key_undo": (Twin("POST", f"{KEY}/cancel_rotation"),),
    "api_key_expiration": (Twin("POST", KEY, {"expires_in_seconds": HOUR}),),
    "api_key_expiration_cancel": (Twin("POST", f"{KEY}/cancel_expiration"),),
    "api_key_rename": (Twin("POST", KEY, {"name": "evaluations"}),),
    "api_key_tags": (Twin("POST", KEY, {"tags": {"team": "search"}}),),
    "api_key_limits": (
        Twin("GET", f"{KEY}/limits"),
        Twin("POST", f"{KEY}/limits", {"requests_per_minute": 60}),
    ),
    "api_key_revoke": (Twin("DELETE", KEY),),
}
ACCOUNT_ROW: Acts = {
    "service_account": (Twin("GET", ACCOUNT), Twin("GET", f"{ACCOUNT}/tokens")),
    "service_account_rename": (Twin("POST", ACCOUNT, {"name": "Weekly build"}),),
    "service_account_role": (Twin("POST", ACCOUNT, {"role": "member"}),),
    "service_account_remove": (Twin("DELETE", ACCOUNT),),
    "service_account_token_create": (Twin("POST", f"{ACCOUNT}/tokens", {"name": "runner"}),),
    "service_account_key_create": (Twin("POST", f"{ACCOUNT}/api_keys", {"name": "nightly"}),),
}
ACCOUNT_TOKEN_ROW: Acts = {
    "service_account_token_revoke": (Twin("DELETE", f"{ACCOUNT}/tokens/{{account_token}}"),),
}
# Pages of an organization or project without a twin, and why.
WITHOUT_TWIN = {
    **dict.fromkeys(
        ("organization", "person", "externals"),
        "It brings together what the API lists one by one.",
    ),
    **dict.fromkeys(
        ("members_role", "members_remove", "collaborators_role", "collaborators_remove"),
        "Programs change several by changing each.",
    ),
    **dict.fromkeys(
        ("members_invite_file", "collaborators_add_file", "project_new_set"),
        "Programs create several by creating each.",
    ),
    **dict.fromkeys(
        (
            *("ownership_candidates", "collaborator_candidates"),
            *("usage_filter", "cost_analytics_filter"),
        ),
        "It completes a form.",
    ),
    **dict.fromkeys(
        (
            *("ownership_transfer", "ownership_withdraw", "ownership_accept", "ownership_decline"),
            "organization_close",
        ),
        "Only the Owner in person, after a fresh sign-in.",
    ),
    **dict.fromkeys(
        ("default_key", "default_key_reveal", "default_key_regenerate"),
        "The Default Key's secret is for the Owner in person.",
    ),
    "sign_in_rules": "It changes how people sign in, which programs do not.",
    **dict.fromkeys(
        ("usage_view_save", "cost_analytics_view_save"), "A view is for one's own browser."
    ),
    **dict.fromkeys(("budget_test", "project_budget_test"), "It shows a person what an alert looks like."),
    "first_steps_hide": "It hides a part of one's own page.",
}  # fmt: skip
# The person in whose place a program acts: an admin key as an Admin, a service account as a Project Admin.
STANDS_FOR = {
    **{person: person for person in PEOPLE},
    "admin key": "admin",
    "account": "project_admin",
    "external account": "external_admin",
}
