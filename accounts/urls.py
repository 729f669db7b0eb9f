"""URLs of organizations, invitations and the signed-in user's own pages."""

from django.urls import URLPattern, URLResolver, include, path

from accounts.audit import api as audit_api
from accounts.audit import views as audit_views
from accounts.factors import factor_views
from accounts.factors import views as security_views
from accounts.invitations import api as invite_api
from accounts.invitations import views as invitation_views
from accounts.members import api as member_api
from accounts.members import invitation_views as member_invitation_views
from accounts.members import ownership_views, people_views
from accounts.members import views as member_views
from accounts.members.several import views as several_views
from accounts.notifications import unsubscribe_views
from accounts.notifications import views as notification_views
from accounts.organizations import (
    closing_views,
    first_steps_views,
    sign_in_rules_views,
    views,
)
from accounts.people import deletion_views, theme
from accounts.people import views as person_views
from accounts.sessions import views as session_views
from accounts.sign_in import confirmation_views, second_factor_views
from accounts.support import api as support_api
from accounts.support import factor_reset_views
from accounts.support import views as support_views

ownership = [
    path("", ownership_views.transfer, name="ownership_transfer"),
    path("members/", ownership_views.candidates, name="ownership_candidates"),
    path("withdraw/", ownership_views.withdraw, name="ownership_withdraw"),
    path("accept/", ownership_views.accept, name="ownership_accept"),
    path("decline/", ownership_views.decline, name="ownership_decline"),
]
members = [
    path("", member_views.members, name="members"),
    path("invite/", member_invitation_views.invite, name="member_invite"),
    path("invite/csv/", people_views.invite_from_file, name="members_invite_file"),
    path("role/", several_views.change_roles, name="members_role"),
    path("remove/", several_views.remove_several, name="members_remove"),
    path("leave/", member_views.leave, name="members_leave"),
    path("<token:reference>/role/", member_views.role, name="member_role"),
    path("<token:reference>/remove/", member_views.remove, name="member_remove"),
]
invitations = [
    path(
        "<token:reference>/resend/",
        member_invitation_views.resend,
        name="member_invitation_resend",
    ),
    path(
        "<token:reference>/withdraw/",
        member_invitation_views.withdraw,
        name="member_invitation_withdraw",
    ),
    path("<token:reference>/link/", member_invitation_views.link, name="member_invitation_link"),
]
organization: list[URLPattern | URLResolver] = [
    path("", views.overview, name="organization"),
    path("first-steps/hide/", first_steps_views.hide, name="first_steps_hide"),
    path("close/", closing_views.close, name="organization_close"),
    path("general/", views.settings, name="organization_settings"),
    path("sign-in/", sign_in_rules_views.sign_in_rules, name="sign_in_rules"),
    path("members/", include(members)),
    path("invitations/", include(invitations)),
    path("audit-log/", audit_views.audit_log, name="audit_log"),
    path("projects/request/", support_views.request_projects, name="project_request"),
    path("externals/request/", support_views.request_externals, name="externals_request"),
    path(
        "requests/<token:reference>/withdraw/",
        support_views.withdraw,
        name="support_request_withdraw",
    ),
    path("members/transfer/", include(ownership)),
]

security: list[URLPattern | URLResolver] = [
    path("", security_views.security, name="security"),
    path("recovery-codes/", security_views.recovery_codes, name="recovery_codes"),
    path("password/remove/", security_views.password_remove, name="password_remove"),
    path("passkeys/add/", factor_views.passkey_add, name="passkey_add"),
    path("passkeys/add/options/", factor_views.passkey_add_options, name="passkey_add_options"),
    path("passkeys/<token:reference>/rename/", factor_views.passkey_rename, name="passkey_rename"),
    path("passkeys/<token:reference>/remove/", factor_views.passkey_remove, name="passkey_remove"),
    path("authenticator-app/set-up/", factor_views.app_set_up, name="app_set_up"),
    path("authenticator-app/remove/", factor_views.app_remove, name="app_remove"),
]
sessions = [
    path("", session_views.sessions, name="sessions"),
    path("end-others/", session_views.end_others, name="sessions_end_others"),
    path("<token:reference>/end/", session_views.end, name="session_end"),
    path(
        "trusted-browsers/<token:reference>/stop/",
        session_views.stop_trusting,
        name="trusted_browser_stop",
    ),
]
# Beside the addresses of django-allauth, whose own pages for these are not included.
sign_in = [
    path("login/passkey/", second_factor_views.passkey_sign_in, name="passkey_sign_in"),
    path(
        "login/passkey/options/",
        second_factor_views.passkey_sign_in_options,
        name="passkey_sign_in_options",
    ),
    path("login/second-factor/", second_factor_views.second_factor, name="second_factor"),
    path(
        "login/second-factor/passkey/",
        second_factor_views.second_factor_passkey,
        name="second_factor_passkey",
    ),
    path(
        "login/second-factor/options/",
        second_factor_views.second_factor_options,
        name="second_factor_options",
    ),
    path("reauthenticate/", confirmation_views.confirm, name="account_reauthenticate"),
    path("reauthenticate/passkey/", confirmation_views.confirm_passkey, name="confirm_passkey"),
    path("reauthenticate/options/", confirmation_views.confirm_options, name="confirm_options"),
]

# *Search or jump to* offers pages in this order.
urlpatterns = [
    path("v1/organization/audit_logs", audit_api.list_events, name="api_audit_logs"),
    path("v1/organization/invites", invite_api.collection, name="api_invites"),
    path("v1/organization/invites/<token:reference>", invite_api.item, name="api_invite"),
    path(
        "v1/organization/invites/<token:reference>/resend",
        invite_api.resend,
        name="api_invite_resend",
    ),
    path("v1/organization/support_requests", support_api.collection, name="api_support_requests"),
    path(
        "v1/organization/support_requests/<token:reference>",
        support_api.retrieve,
        name="api_support_request",
    ),
    path(
        "v1/organization/support_requests/<token:reference>/withdraw",
        support_api.withdraw,
        name="api_support_request_withdraw",
    ),
    path("v1/organization/invites/<token:reference>/link", invite_api.link, name="api_invite_link"),
    path("v1/organization/leave", member_api.leave, name="api_organization_leave"),
    path("v1/organization/users", member_api.collection, name="api_users"),
    path("v1/organization/users/<token:reference>", member_api.item, name="api_user"),
    path("settings/organization/<tenant:slug>/", include(organization)),
    path("accounts/", include(sign_in)),
    path(
        "accounts/security/reset/cancel/",
        factor_reset_views.cancel_own,
        name="factor_reset_cancel_own",
    ),
    path(
        "accounts/factor-reset/<token:reference>/<slug:mac>/cancel/",
        factor_reset_views.cancel,
        name="factor_reset_cancel",
    ),
    path("accounts/profile/", person_views.profile, name="profile"),
    path("accounts/security/", include(security)),
    path("accounts/sessions/", include(sessions)),
    path("organizations/", views.organizations, name="organizations"),
    path("organizations/new/", views.new_organization, name="organization_new"),
    path("invitations/", invitation_views.waiting, name="invitations"),
    path("invitations/<token:reference>/", invitation_views.show_invitation, name="invitation"),
    path(
        "invitations/<token:reference>/accept/", invitation_views.accept, name="invitation_accept"
    ),
    path(
        "invitations/<token:reference>/decline/",
        invitation_views.decline,
        name="invitation_decline",
    ),
    path("accounts/notifications/", notification_views.notifications, name="notifications"),
    path(
        "accounts/unsubscribe/<token:reference>/<slug:kind>/<slug:mac>/",
        unsubscribe_views.unsubscribe,
        name="unsubscribe",
    ),
    path("accounts/delete/", deletion_views.delete, name="account_delete"),
    path("roles/", views.roles, name="roles"),
    path("theme/", theme.theme, name="theme"),
    path("view-as/end/", support_views.end_view_as, name="view_as_end"),
]
