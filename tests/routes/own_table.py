"""What signed-in people, staff and everybody else get on the routes without a tenant's id."""

from tests.routes.lines import Own
from tests.routes.sign_in_table import SIGN_IN_PAGES

OWN = {
    "home": Own(302),
    "organizations": Own(200),
    "organization_new": Own(
        200, 302, anonymous_post=302, data={"name": "Side business"},
        changes=(
            "ApiKey", "AuditChain", "AuditEvent", "KeySecret", "Membership", "MembershipPeriod",
            "Organization", "PersonalData",
            "Project", "ProjectSlug",
        ),
    ),
    "notifications": Own(
        200,
        302,
        anonymous_post=302,
        changes=("AuditChain", "AuditEvent", "MutedNotification", "PersonalData"),
    ),
    "roles": Own(200),
    "early_access": Own(200),
    "pricing": Own(200),
    "help": Own(200),
    "search": Own(200),
    "profile": Own(
        200, 302, anonymous_post=302, data={"name": "Somebody Else"},
        changes=("AuditChain", "AuditEvent", "PersonalData", "User"),
    ),
    "invitations": Own(200),
    "device": Own(200),
    # No terminal waits: the form asks for its code.
    "device_approve": Own(200, 422, anonymous_post=302),
    "device_deny": Own(200, 422, anonymous_post=302),
    "terminals": Own(200),
    # None is logged in.
    "terminals_end_all": Own(200, 302, anonymous_post=302),
    "access_tokens": Own(200),
    "saved_views": Own(200),
    # It says neither a name nor what for; see tests/keys/personal_tokens/test_management.py.
    "access_token_create": Own(200, 422, anonymous_post=302),
    "theme": Own(405, 302, 405, 302, data={"theme": "dark", "next": "/roles/"}),
    # Nothing runs that could be ended.
    "view_as_end": Own(405, 302, 405, 302),
    "favicon": Own(302, 405, 302, 405),
    **SIGN_IN_PAGES,
    "api_reference": Own(200, 405, 200, 405),
    # No contact is set; see tests/console/web/test_security_txt.py.
    "security_txt": Own(404, 405, 404, 405),
    "healthz": Own(200, 405, 200, 405),
    "readyz": Own(200, 405, 200, 405),
}  # fmt: skip
