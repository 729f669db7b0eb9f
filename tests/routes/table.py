"""Who gets which answer on which route, written from the product's rules and not from the code.

`tests/routes/lines.py` says what the cells of a line mean, `people_table.py` has the routes about people.
"""

from typing import Any

from tests.routes.account_table import (
    ACCOUNT_ROW,
    ACCOUNT_TOKEN_ROW,
    ACCOUNTS_OF_DEFAULT,
    ACCOUNTS_OF_PROJECT,
)
from tests.routes.budget_table import (
    BUDGET_ROW,
    BUDGETS_OF_ORGANIZATION,
    PROJECT_BUDGET_ROW,
    budgets_of_project,
)
from tests.routes.limit_table import LIMITS_OF_KEY, limits_of_project
from tests.routes.lines import ALL, MANAGERS, NEW_PERSON, STAFFED, Line
from tests.routes.people_table import PEOPLE_OF_ORGANIZATION, PEOPLE_OF_PROJECT, PERSON_PAGE
from tests.routes.usage_table import COST_ANALYTICS, usage_of_project

NEW_PEOPLE = {"people": "a@elsewhere.example", "role": "member"}
#     owner, admin, member, project admin, project member, external, external project admin
ORGANIZATION = {
    **PEOPLE_OF_ORGANIZATION,
    "organization": Line("yyyyyyy"),
    "organization_settings": Line("yyyyynn", "yynnnnn", {"name": "Northwind Laboratories"}),
    "members": Line("yyyyynn"),
    "audit_log": Line("yynnnnn"),
    "organization_keys": Line("yynnnnn"),
    "organization_tokens": Line("yynnnnn"),
    "admin_keys": Line("yynnnnn"),
    "admin_key_create": Line("yynnnnn", "yynnnnn", {"name": "Terraform", "days": "90"}, done=200),
    **COST_ANALYTICS,
    **BUDGETS_OF_ORGANIZATION,
    # None is chosen; see tests/keys/inventory/test_bulk_revocation.py.
    "organization_keys_revoke": Line("yynnnnn", "yynnnnn", done=422),
    "key_policy": Line(
        "yynnnnn",
        "yynnnnn",
        {"longest_days": "90", "makers": "admins", "unused_days": "30", "on_leak": "notify"},
    ),
    "first_steps_hide": Line("yynnnnn", "yynnnnn"),
    "organization_close": Line("ynnnnnn", "ynnnnnn", {"typed": "northwind"}),
    "default_key": Line("ynnnnnn"),
    "default_key_reveal": Line("ynnnnnn", "ynnnnnn", done=200),
    # A form made for another secret than the present one.
    "default_key_regenerate": Line("ynnnnnn", "cnnnnnn", {"replaces": "0"}),
    "terminal_login": Line("yynnnnn", "yynnnnn"),
    # For externals alone: nobody here has a second factor.
    "sign_in_rules": Line("yynnnnn", "yynnnnn", {"externals": "on"}),
    "ownership_transfer": Line("ynnnnnn", "ynnnnnn", {"email": "member@northwind.example"}),
    # Nothing has been offered to anybody.
    "ownership_withdraw": Line("ynnnnnn", "cnnnnnn"),
    "ownership_accept": Line(".......", "......."),
    "ownership_decline": Line(".......", "......."),
    "member_invite": Line(
        "yynnnnn",
        "yynnnnn",
        {"emails": "a@elsewhere.example, b@elsewhere.example", "role": "member"},
    ),
    # Only a preview; see tests/accounts/members/test_inviting_from_csv.py.
    "members_invite_file": Line("yynnnnn", "yynnnnn", NEW_PEOPLE, done=200),
    "members_leave": Line("yyyyynn", "cyyyynn"),
    "projects": Line("yyyyyyy"),
    "project_new": Line("yynnnnn", "yynnnnn", {"name": "Billing", "slug": "billing-system"}),
    "project_new_set": Line("yynnnnn", "yynnnnn", {"name": ["Staging", "Training"]}),
    "project_request": Line("yynnnnn", "yynnnnn", {"reason": "One for each team."}),
    # Support has enabled them for Northwind.
    "externals_request": Line("yynnnnn", "ccnnnnn", {"reason": "Two consultants."}),
}
# The ownership is offered to `member`.
OFFER = {
    "ownership_transfer": Line("ynnnnnn", "cnnnnnn", {"email": "admin@northwind.example"}),
    "ownership_withdraw": Line("ynnnnnn", "ynnnnnn"),
    "ownership_accept": Line("..y....", "..y...."),
    "ownership_decline": Line("..y....", "..y...."),
}
# Acts on `member`; the same acts on the Owner, whose role only moves by an accepted offer.
MEMBER_ROW = {
    "member_role": Line("yynnnnn", "yynnnnn", {"role": "admin"}),
    "member_remove": Line("yynnnnn", "yynnnnn"),
}
OWNER_ROW = {name: Line("nnnnnnn", "nnnnnnn", line.data) for name, line in MEMBER_ROW.items()}
# An invitation to the organization itself.
MEMBER_INVITATION = {
    "member_invitation_resend": Line("yynnnnn", "yynnnnn"),
    "member_invitation_withdraw": Line("yynnnnn", "yynnnnn"),
    "member_invitation_link": Line("yynnnnn", "yynnnnn", done=200),
}
# An access token of `project_member` for `research`.
TOKEN_ROW = {"organization_token_revoke": Line("yynnnnn", "yynnnnn")}
# A request to support that has been answered already, so that there is nothing to withdraw.
REQUEST_ROW = {"support_request_withdraw": Line("yynnnnn", "ccnnnnn")}
ADMIN_KEY_ROW = {"admin_key_revoke": Line("yynnnnn", "yynnnnn")}
OF_ORGANIZATION = {
    **ORGANIZATION,
    **MEMBER_ROW,
    **MEMBER_INVITATION,
    **TOKEN_ROW,
    **REQUEST_ROW,
    **PERSON_PAGE,
    **ADMIN_KEY_ROW,
    **BUDGET_ROW,
}
# The project `research`, in which `member` is not listed.
PROJECT = {
    **PEOPLE_OF_PROJECT,
    **ACCOUNTS_OF_PROJECT,
    "project": Line(ALL),
    "project_settings": Line(ALL, MANAGERS, {"name": "Research and development"}),
    "project_slug": Line(MANAGERS, MANAGERS, {"slug": "research-lab"}),
    "project_tags": Line(MANAGERS, MANAGERS, {"name": "team", "value": "search"}),
    "project_archive": Line("yy.nnnn", "yy.nnnn"),
    "project_restore": Line("yy.nnnn", "cc.nnnn"),
    "collaborators": Line(ALL),
    "collaborator_add": Line(
        MANAGERS, MANAGERS, {"email": "member@northwind.example", "role": "member"}
    ),
    "collaborators_leave": Line(ALL, "cc.yyyy"),
    # Both switches are on, so nobody has to go.
    "collaborators_remove_externals": Line(STAFFED, "cc.cnnn"),
    "api_keys": Line(ALL),
    **usage_of_project("yy.yynn"),
    **budgets_of_project("yy.yynn", "yy.ynnn"),
    **limits_of_project("yy.yynn", "yy.ynnn"),
    "api_key_create": Line(ALL, ALL, {"name": "ci-pipeline", "expires": ""}, done=200),
}
# Acts on `project_member`'s row.
ROW = {
    "collaborator_remove": Line(MANAGERS, MANAGERS),
    "collaborator_role": Line(MANAGERS, MANAGERS, {"role": "admin"}),
    "collaborator_end_date": Line(MANAGERS, MANAGERS, {"end_date": "2999-12-31"}),
    # Nobody vouches for a member.
    "collaborator_vouch": Line("....nnn", "....nnn"),
}
# The same acts on `external`'s row: an external never acts on another one.
EXTERNAL_ROW = {
    "collaborator_remove": Line(STAFFED, STAFFED),
    "collaborator_role": Line(STAFFED, STAFFED, {"role": "admin"}),
    "collaborator_end_date": Line(STAFFED, STAFFED, {"end_date": "2999-12-31"}),
    # The Owner, who invited them, vouches for them already.
    "collaborator_vouch": Line(STAFFED, "cy.ynnn"),
}
INVITATION = {
    "project_invitation_resend": Line(STAFFED, STAFFED),
    "project_invitation_withdraw": Line(STAFFED, STAFFED),
    "project_invitation_link": Line(STAFFED, STAFFED, done=200),
}
# Acts on `key`, with its one secret and without an end; on the same key with an end, while it is rotated.
KEY_ROW = {
    "api_key_rotate": Line(ALL, ALL, {"overlap": "24"}, done=200),
    "api_key_finish": Line(ALL, "cc.cccc"),
    "api_key_undo": Line(ALL, "cc.cccc"),
    "api_key_expiration": Line(ALL, ALL, {"expires": "2030-12-31"}),
    "api_key_expiration_cancel": Line(ALL, "cc.cccc"),
    "api_key_rename": Line(ALL, ALL, {"name": "evaluations"}),
    "api_key_tags": Line(ALL, ALL, {"name": "team", "value": "search"}),
    **LIMITS_OF_KEY,
    "api_key_revoke": Line(ALL, ALL),
}
ROTATING_KEY_ROW = {
    "api_key_rotate": Line(ALL, "cc.cccc", {"overlap": "24"}),
    "api_key_finish": Line(ALL, ALL),
    "api_key_undo": Line(ALL, ALL),
    "api_key_expiration": Line(ALL, ALL, {"expires": "2031-12-31"}),
    "api_key_expiration_cancel": Line(ALL, ALL),
    "api_key_rename": Line(ALL, ALL, {"name": "evaluations"}),
    "api_key_tags": Line(ALL, ALL, {"name": "team", "value": "search"}),
    **LIMITS_OF_KEY,
    "api_key_revoke": Line(ALL, ALL),
}
# Every member is in the Default Project through the membership, no external is: nobody is added.
DEFAULT_PROJECT = {
    **ACCOUNTS_OF_DEFAULT,
    "project": Line("yyyyy.."),
    "project_settings": Line("yyyyy..", "yynnn..", {"name": "Sandbox"}),
    "project_slug": Line("yynnn..", "yynnn..", {"slug": "sandbox"}),
    "project_tags": Line("yynnn..", "yynnn..", {"name": "team", "value": "search"}),
    "project_archive": Line("yynnn..", "ccnnn.."),
    "project_restore": Line("yynnn..", "ccnnn.."),
    "collaborators": Line("yyyyy.."),
    "collaborator_add": Line("yynnn..", "ccnnn..", NEW_PERSON),
    "collaborators_leave": Line("yyyyy..", "ccccc.."),
    "api_keys": Line("yyyyy.."),
    **usage_of_project("yyyyy.."),
    **budgets_of_project("yyyyy..", "yynnn.."),
    **limits_of_project("yyyyy..", "yynnn.."),
    "api_key_create": Line("yyyyy..", "yyyyy..", {"name": "ci-pipeline"}, done=200),
}
# `production` lists `project_member` alone, and takes no externals.
PRODUCTION = {
    "project": Line("yy..y.."),
    "project_settings": Line("yy..y..", "yy..n..", {"name": "Production line"}),
    "project_slug": Line("yy..n..", "yy..n..", {"slug": "production-line"}),
    "project_tags": Line("yy..n..", "yy..n..", {"name": "team", "value": "search"}),
    "project_archive": Line("yy..n..", "yy..n.."),
    "project_restore": Line("yy..n..", "cc..n.."),
    "collaborators": Line("yy..y.."),
    "collaborator_add": Line(
        "yy..n..", "yy..n..", {"email": "member@northwind.example", "role": "member"}
    ),
    "collaborators_leave": Line("yy..y..", "cc..y.."),
    "api_keys": Line("yy..y.."),
    **usage_of_project("yy..y.."),
    **budgets_of_project("yy..y..", "yy..n.."),
    **limits_of_project("yy..y..", "yy..n.."),
    "api_key_create": Line("yy..y..", "yy..y..", {"name": "ci-pipeline"}, done=200),
}
OF_ACCOUNTS = {*ACCOUNT_ROW, *ACCOUNT_TOKEN_ROW, *PROJECT_BUDGET_ROW}
TENANT_ROUTES = {*OF_ORGANIZATION, *PROJECT, *ROW, *INVITATION, *KEY_ROW, *OF_ACCOUNTS}
# Reached with a secret link, or by id by the person invited; see test_invitation_links.py.
LINKS = {"invitation", "invitation_accept", "invitation_decline"}
# Reached with the link of an email; see tests/accounts/people/test_unsubscribe.py
# and tests/accounts/support/test_factor_resets.py.
EMAIL_LINKS = {"unsubscribe", "factor_reset_cancel"}
# The same page for everyone, by name; see tests/console/api/test_reference.py.
PUBLIC = {"api_operation"}
# Pages of support staff below Django admin that only show something; they are there for nobody else.
STAFF_PAGES = {"admin:usage_modelalias_unpriced"}
# Acts of support staff below Django admin, with what their forms send; they are there for nobody else.
STAFF_ACTS: dict[str, dict[str, Any]] = {
    "admin:accounts_supportrequest_grant": {"project_limit": "9", "note": "They signed."},
    "admin:accounts_supportrequest_decline": {"note": "Not this year."},
    "admin:accounts_organization_suspend": {"reason": "The bill is unpaid."},
    "admin:accounts_organization_close": {"reason": "They asked for it."},
    "admin:accounts_organization_view_as": {"reason": "They see no projects."},
    "admin:accounts_organization_reopen": {"reason": "The bill is paid."},
    "admin:accounts_outgoingmail_resend": {},
    "admin:accounts_user_add_staff": {
        "email": "helen@console.example", "name": "Helen", "role": "Support",
    },
    "admin:accounts_user_staff_role": {"role": "Read-only"},
    "admin:accounts_user_reset_factors": {"note": "Seen on a video call."},
    "admin:accounts_user_cancel_reset": {},
    "admin:keys_servicecredential_create": {"name": "metering"},
    "admin:keys_servicecredential_revoke": {},
    "admin:usage_product_create": {"code": "gpu-rental", "name": "GPU rental"},
    "admin:usage_product_multi_project": {},
    "admin:usage_product_preset": {"product": "api", "starts_on": "2026-12-01"},
    "admin:usage_product_edit": {"name": "Files", "description": "Data", "multi_project": "on"},
    "admin:usage_product_line_item": {"code": "restores", "name": "Restores", "unit": "restore"},
    "admin:usage_lineitem_edit": {"name": "Stored", "counts_requests": "on"},
    "admin:usage_lineitem_price": {"unit_price": "0.000137", "starts_on": "2030-01-01"},
    "admin:usage_price_create": {
        "line_item": "files/gb_hours", "model": "cold", "unit_price": "0.1", "starts_on": "2030-01-01",
    },
    "admin:usage_price_edit": {"unit_price": "0.5", "starts_on": "2030-02-01"},
    "admin:usage_price_take_back": {},
    "admin:usage_modelalias_create": {"pattern": "*-instruct", "target": ""},
    "admin:usage_modelalias_edit": {"pattern": "gateway/*", "target": "llama-3.3-70b"},
    "admin:usage_modelalias_remove": {},
    "admin:usage_reattribution_move": {
        "product": "volumes", "first_day": "2025-01-01", "last_day": "2026-01-01",
    },
    "admin:usage_reattribution_undo": {},
    "admin:usage_reattribution_resume": {},
}  # fmt: skip
# Whether it goes through depends on what one owns; see tests/accounts/people/test_deletion.py.
DELETION = {"account_delete"}
# By id, each of one's own alone; see tests/keys/terminals and tests/keys/personal_tokens.
BY_ID = {
    *("terminal_end", "access_token_revoke", "session_end", "trusted_browser_stop"),
    *("passkey_rename", "passkey_remove"),
    *("saved_view_rename", "saved_view_delete"),
}
# There only for people who have what they are about; see tests/accounts/factors.
IF_PRESENT = {"app_remove", "recovery_codes", "factor_reset_cancel_own"}
