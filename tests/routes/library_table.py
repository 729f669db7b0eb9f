"""Who may use the pages that libraries bring: django-allauth's and Django admin's.

They declare no access control of ours; each stands here by name instead, with what it answers.
"""

from dataclasses import dataclass, field
from typing import Any

from tests.world import PASSWORD

SIGN_IN, HOME = "/accounts/login/", "/"
NEW_PASSWORD = "a new and rather long password"


@dataclass(frozen=True)
class Entrance:
    """A page of django-allauth: (status, where to) of people who are not signed in, and who are."""

    anonymous_get: tuple[int, str]
    anonymous_post: tuple[int, str]
    signed_in_get: tuple[int, str]
    signed_in_post: tuple[int, str]
    data: dict[str, Any] = field(default_factory=dict)
    kwargs: dict[str, str] = field(default_factory=dict)


PAGE, NO_METHOD = (200, ""), (405, "")
TO_SIGN_IN, TO_HOME = (302, SIGN_IN), (302, HOME)

# For everybody who is not signed in; signed-in people are sent home.
FOR_VISITORS = {
    "account_login": Entrance(
        PAGE, (302, HOME), TO_HOME, TO_HOME,
        {"login": "member@northwind.example", "password": PASSWORD},
    ),
    "account_signup": Entrance(
        PAGE, (302, "/accounts/confirm-email/"), TO_HOME, TO_HOME,
        {"name": "New", "email": "new@elsewhere.example", "password1": NEW_PASSWORD},
    ),
}  # fmt: skip
# For everybody: they show and change nothing of whoever is signed in.
FOR_EVERYBODY = {
    "account_inactive": Entrance(PAGE, NO_METHOD, PAGE, NO_METHOD),
    "account_reset_password": Entrance(
        PAGE, (302, "/accounts/password/reset/done/"), PAGE,
        (302, "/accounts/password/reset/done/"), {"email": "member@northwind.example"},
    ),
    "account_reset_password_done": Entrance(PAGE, NO_METHOD, PAGE, NO_METHOD),
    "account_reset_password_from_key_done": Entrance(PAGE, NO_METHOD, PAGE, NO_METHOD),
    "account_reset_password_from_key": Entrance(
        PAGE, PAGE, PAGE, PAGE,
        {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
        {"uidb36": "1", "key": "not-a-key"},
    ),
}  # fmt: skip
# For signed-in people, about themselves.
FOR_ONESELF = {
    "account_logout": Entrance(TO_SIGN_IN, TO_SIGN_IN, PAGE, TO_SIGN_IN),
    "account_email": Entrance(
        TO_SIGN_IN, TO_SIGN_IN, PAGE, (302, "/accounts/confirm-email/"),
        {"action_add": "", "email": "another@elsewhere.example"},
    ),
    "account_change_password": Entrance(
        TO_SIGN_IN, TO_SIGN_IN, PAGE, (302, "/accounts/password/change/"),
        {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
    ),
    "account_set_password": Entrance(
        TO_SIGN_IN, TO_SIGN_IN, (302, "/accounts/password/change/"),
        (302, "/accounts/password/change/"), {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
    ),
    # Steps of something begun in the same session; nothing was.
    "account_email_verification_sent": Entrance(
        TO_SIGN_IN, TO_SIGN_IN, (302, "/accounts/email/"), (302, "/accounts/email/")
    ),
    "account_confirm_login_code": Entrance(TO_SIGN_IN, TO_SIGN_IN, TO_HOME, TO_HOME),
}  # fmt: skip
ALLAUTH = {**FOR_VISITORS, **FOR_EVERYBODY, **FOR_ONESELF}

# Django admin is for support staff alone. What staff get: GET, POST.
MODELS = (
    "accounts_organization",
    "accounts_user",
    "accounts_membership",
    "accounts_supportrequest",
    "accounts_auditevent",
    "accounts_outgoingmail",
    "accounts_viewas",
    "accounts_ownershipoffer",
    "projects_project",
    "keys_apikey",
    "keys_keypolicy",
    "keys_leakreport",
    "keys_servicecredential",
    "usage_product",
    "usage_lineitem",
    "usage_price",
    "usage_modelalias",
    "usage_reattribution",
)
ADMIN_PAGES = {
    "admin:index": (200, 200),
    "admin:app_list": (200, 200),
    # Signed in as staff already.
    "admin:login": (302, 302),
    "admin:logout": (200, 302),
    "admin:password_change": (302, 302),
    "admin:password_change_done": (302, 302),
    "admin:autocomplete": (403, 405),
    "admin:jsi18n": (200, 405),
    "admin:view_on_site": (404, 404),
}
# What can be done with every kind of row, and with an organization: only its limits change.
MODEL_PAGES = {
    "changelist": (200, 200),
    "add": (403, 403),
    "history": (200, 200),
    "delete": (403, 403),
    "change": (200, 403),
}
# Django's own patterns without a name: an old form of the change page, and all the rest.
NAMELESS = {f"admin/{model.replace('_', '/')}/<path:object_id>/" for model in MODELS} | {
    "admin/(?P<url>.*)$"
}
ADMIN = {*ADMIN_PAGES, *(f"admin:{model}_{page}" for model in MODELS for page in MODEL_PAGES)}
LIBRARY_ROUTES = {*ALLAUTH, *ADMIN, *NAMELESS}
