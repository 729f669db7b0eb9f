"""URLs of the keys app, one for each action."""

from django.urls import URLPattern, URLResolver, include, path

from keys import identity_api
from keys.admin_keys import api as admin_key_api
from keys.admin_keys import views as admin_key_views
from keys.api_keys import action_views as key_views
from keys.api_keys import api as key_api
from keys.api_keys import tag_views, views
from keys.default_key import views as default_key_views
from keys.inventory import api as inventory_api
from keys.inventory import views as organization_views
from keys.leaks import api as leak_api
from keys.organization import api as organization_api
from keys.people import views as person_views
from keys.personal_tokens import api as personal_token_api
from keys.personal_tokens import organization_views as organization_token_views
from keys.personal_tokens import views as personal_token_views
from keys.request_limits import api as limit_api
from keys.request_limits import reference_api
from keys.request_limits import views as limit_views
from keys.service_accounts import api as account_api
from keys.service_accounts import tokens_api as account_tokens_api
from keys.service_accounts import views as account_views
from keys.terminals import device_views, oauth_api
from keys.terminals import views as terminal_views
from keys.verification import api

key: list[URLPattern] = [
    path("rotate/", key_views.rotate, name="api_key_rotate"),
    path("finish/", key_views.finish, name="api_key_finish"),
    path("undo/", key_views.undo, name="api_key_undo"),
    path("expiration/", key_views.expiration, name="api_key_expiration"),
    path("expiration/cancel/", key_views.cancel_end, name="api_key_expiration_cancel"),
    path("rename/", key_views.rename, name="api_key_rename"),
    path("tags/", tag_views.tags, name="api_key_tags"),
    path("limits/", limit_views.key_limits, name="api_key_limits"),
    path("revoke/", key_views.revoke, name="api_key_revoke"),
]
keys: list[URLPattern | URLResolver] = [
    path("", views.api_keys, name="api_keys"),
    path("create/", views.create, name="api_key_create"),
    path("<token:reference>/", include(key)),
]
default_key = [
    path("", default_key_views.default_key, name="default_key"),
    path("reveal/", default_key_views.reveal, name="default_key_reveal"),
    path("regenerate/", default_key_views.regenerate, name="default_key_regenerate"),
]
organization: list[URLPattern] = [
    path("", organization_views.organization_keys, name="organization_keys"),
    path("revoke/", organization_views.revoke, name="organization_keys_revoke"),
    path("policy/", organization_views.key_policy, name="key_policy"),
]

device = [
    path("", device_views.device, name="device"),
    path("approve/", device_views.approve, name="device_approve"),
    path("deny/", device_views.deny, name="device_deny"),
]
terminals = [
    path("", terminal_views.terminals, name="terminals"),
    path("end-all/", terminal_views.end_all, name="terminals_end_all"),
    path("<token:reference>/end/", terminal_views.end, name="terminal_end"),
]

access_tokens = [
    path("", personal_token_views.access_tokens, name="access_tokens"),
    path("create/", personal_token_views.create, name="access_token_create"),
    path("<token:reference>/revoke/", personal_token_views.revoke, name="access_token_revoke"),
]
organization_tokens = [
    path("", organization_token_views.organization_tokens, name="organization_tokens"),
    path(
        "<token:reference>/revoke/",
        organization_token_views.revoke,
        name="organization_token_revoke",
    ),
]

admin_keys = [
    path("", admin_key_views.admin_keys, name="admin_keys"),
    path("create/", admin_key_views.create, name="admin_key_create"),
    path("<token:reference>/revoke/", admin_key_views.revoke, name="admin_key_revoke"),
]

PROJECT_KEYS = "v1/organization/projects/<token:project_id>/api_keys"
project_keys = [
    path("<token:key_id>", key_api.item, name="api_project_key"),
    path("<token:key_id>/rotate", key_api.rotate, name="api_project_key_rotate"),
    path(
        "<token:key_id>/cancel_rotation",
        key_api.cancel_rotation,
        name="api_project_key_cancel_rotation",
    ),
    path("<token:key_id>/finish_rotation", key_api.finish, name="api_project_key_finish_rotation"),
    path(
        "<token:key_id>/cancel_expiration",
        key_api.cancel_end,
        name="api_project_key_cancel_expiration",
    ),
]
PROJECT = "v1/organization/projects/<token:project_id>"
request_limits = [
    path(f"{PROJECT}/limits", limit_api.project_limits, name="api_project_limits"),
    path(
        f"{PROJECT_KEYS}/<token:key_id>/limits", limit_api.key_limits, name="api_project_key_limits"
    ),
    path(
        f"{PROJECT}/model_permissions",
        reference_api.model_permissions,
        name="api_model_permissions",
    ),
    path(f"{PROJECT}/rate_limits", reference_api.list_rate_limits, name="api_rate_limits"),
    path(
        f"{PROJECT}/rate_limits/<token:rate_limit_id>",
        reference_api.update_rate_limit,
        name="api_rate_limit",
    ),
]

ACCOUNTS = "v1/organization/projects/<token:project_id>/service_accounts"
ACCOUNT = f"{ACCOUNTS}/<token:reference>"
service_account_api = [
    path(ACCOUNTS, account_api.collection, name="api_service_accounts"),
    path(ACCOUNT, account_api.item, name="api_service_account"),
    path(f"{ACCOUNT}/api_keys", account_api.create_api_key, name="api_service_account_keys"),
    path(f"{ACCOUNT}/tokens", account_tokens_api.collection, name="api_service_account_tokens"),
    path(
        f"{ACCOUNT}/tokens/<token:token>",
        account_tokens_api.delete,
        name="api_service_account_token",
    ),
]
service_accounts = [
    path("<token:reference>/", account_views.service_account, name="service_account"),
    path("<token:reference>/remove/", account_views.remove, name="service_account_remove"),
    path(
        "<token:reference>/tokens/create/",
        account_views.create_token,
        name="service_account_token_create",
    ),
    path(
        "tokens/<token:reference>/revoke/",
        account_views.revoke_token,
        name="service_account_token_revoke",
    ),
    path(
        "<token:reference>/api-keys/create/",
        account_views.create_key,
        name="service_account_key_create",
    ),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("v3/whoami", identity_api.whoami, name="api_whoami"),
    path("v1/whoami", identity_api.whoami_flat, name="api_whoami_flat"),
    path("v1/projects", identity_api.projects, name="api_projects"),
    path(".well-known/openid-configuration", oauth_api.discovery, name="oauth_discovery"),
    path("v1/organization", organization_api.organization, name="api_organization"),
    path("v1/organization/access_tokens", personal_token_api.list_tokens, name="api_access_tokens"),
    path(
        "v1/organization/access_tokens/<token:reference>",
        personal_token_api.item,
        name="api_access_token",
    ),
    path("v1/organization/api_keys", inventory_api.list_keys, name="api_organization_keys"),
    path(
        "v1/organization/api_keys/revoke",
        inventory_api.revoke,
        name="api_organization_keys_revoke",
    ),
    path("v1/organization/admin_api_keys", admin_key_api.collection, name="api_admin_keys"),
    path(
        "v1/organization/admin_api_keys/<token:reference>",
        admin_key_api.item,
        name="api_admin_key",
    ),
    path(PROJECT_KEYS, key_api.collection, name="api_project_keys"),
    path(f"{PROJECT_KEYS}/", include(project_keys)),
    *request_limits,
    *service_account_api,
    path("oauth/device", oauth_api.device, name="oauth_device"),
    path("oauth/token", oauth_api.token, name="oauth_token"),
    path("oauth/revoke", oauth_api.revoke, name="oauth_revoke"),
    path("device/", include(device)),
    path("accounts/terminals/", include(terminals)),
    path("accounts/access-tokens/", include(access_tokens)),
    path("v1/keys/verify", api.verify, name="api_verify"),
    path("v1/keys/leaks", leak_api.leaks, name="api_leaks"),
    path("v1/auth", api.auth, name="api_auth"),
    path("settings/projects/<tenant:slug>/api-keys/", include(keys)),
    path(
        "settings/projects/<tenant:slug>/limits/",
        limit_views.project_limits,
        name="project_limits",
    ),
    path("settings/projects/<tenant:slug>/service-accounts/", include(service_accounts)),
    path("settings/organization/<tenant:slug>/api-keys/", include(organization)),
    path("settings/organization/<tenant:slug>/access-tokens/", include(organization_tokens)),
    path("settings/organization/<tenant:slug>/admin-keys/", include(admin_keys)),
    path("settings/organization/<tenant:slug>/default-key/", include(default_key)),
    path(
        "settings/organization/<tenant:slug>/people/<token:reference>/",
        person_views.person,
        name="person",
    ),
    path(
        "settings/organization/<tenant:slug>/terminal-login/",
        terminal_views.terminal_login,
        name="terminal_login",
    ),
]
