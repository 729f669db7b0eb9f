"""Who gets which answer on the pages of service accounts."""

from tests.routes.lines import ALL, MANAGERS, STAFFED, Line

NEW_ACCOUNT = {"name": "Nightly build", "role": "member"}
#     owner, admin, member, project admin, project member, external, external project admin
ACCOUNTS_OF_PROJECT = {
    "service_accounts": Line(ALL),
    "service_account_create": Line(MANAGERS, MANAGERS, NEW_ACCOUNT),
}
ACCOUNTS_OF_DEFAULT = {
    "service_accounts": Line("yyyyy.."),
    "service_account_create": Line("yynnn..", "yynnn..", NEW_ACCOUNT),
}
# Acts on a service account that the Owner created, which an external does not manage.
ACCOUNT_ROW = {
    "service_account": Line(ALL),
    "service_account_rename": Line(STAFFED, STAFFED, {"name": "Weekly build"}),
    "service_account_role": Line(STAFFED, STAFFED, {"role": "member"}),
    "service_account_remove": Line(STAFFED, STAFFED),
    "service_account_token_create": Line(
        STAFFED, STAFFED, {"name": "runner", "days": "90"}, done=200
    ),
    "service_account_key_create": Line(
        STAFFED, STAFFED, {"name": "nightly", "expires": ""}, done=200
    ),
}
# Of the same account.
ACCOUNT_TOKEN_ROW = {"service_account_token_revoke": Line(STAFFED, STAFFED)}
