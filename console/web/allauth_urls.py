"""The pages of django-allauth that people use; all others of the library have no address.

Its pages for second factors, sessions and confirming who one is are replaced by our own (accounts/urls.py).
"""

from allauth.account import views
from django.contrib.auth.decorators import login_required
from django.urls import path, re_path

from accounts.access.freshness import fresh_sign_in

# Someone without a password, who has passkeys alone, proves with one of them who they are.
password_set = login_required(fresh_sign_in(views.password_set))
# The library would keep the whole request in the session, with its cookies, until the person has confirmed.
email = login_required(fresh_sign_in(views.email))

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("signup/", views.signup, name="account_signup"),
    path("email/", email, name="account_email"),
    path("confirm-email/", views.email_verification_sent, name="account_email_verification_sent"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/set/", password_set, name="account_set_password"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    path(
        "password/reset/key/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("login/code/confirm/", views.confirm_login_code, name="account_confirm_login_code"),
]
