"""Who gets which answer on the pages of signing in and of one's own security."""

from tests.routes.lines import Own
from tests.world import PASSWORD

SIGN_IN_PAGES = {
    "security": Own(200),
    # A code of another secret, no credential, no passkey to sign in with instead.
    "app_set_up": Own(200, 422, anonymous_post=302, data={"code": "000000", "name": "Phone"}),
    "passkey_add": Own(200, 422, anonymous_post=302, data={"name": "Laptop"}),
    "passkey_add_options": Own(405, 200, 405, 302),
    "password_remove": Own(200, 409, anonymous_post=302),
    "sessions": Own(200),
    "sessions_end_others": Own(200, 302, anonymous_post=302, changes=("User",)),
    "account_reauthenticate": Own(200, 302, anonymous_post=302, data={"password": PASSWORD}),
    "confirm_passkey": Own(302, 422, anonymous_post=302),
    "confirm_options": Own(405, 200, 405, 302),
    # For people who are not signed in; the others have nothing to do there.
    "passkey_sign_in": Own(302, 302, 302, 302),
    "passkey_sign_in_options": Own(405, 200, 405, 200),
    "second_factor": Own(302, 302, 302, 302),
    "second_factor_passkey": Own(302, 302, 302, 302),
    "second_factor_options": Own(405, 409, 405, 409),
    # For the demo alone.
    "staff_factor_put_off": Own(405, 403, 405, 302),
}  # fmt: skip
