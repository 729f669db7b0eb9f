"""Addresses of keys: each names one act."""

from django.urls import URLPattern, URLResolver, include, path

from keys import (
    api,
    default_key_views,
    identity_api,
    key_views,
    leak_api,
    organization_views,
    views,
)

key: list[URLPattern] = [
    path("rotate/", key_views.rotate, name="api_key_rotate"),
    path("finish/", key_views.finish, name="api_key_finish"),
    path("undo/", key_views.undo, name="api_key_undo"),
    path("expiration/", key_views.expiration, name="api_key_expiration"),
    path("expiration/cancel/", key_views.cancel_end, name="api_key_expiration_cancel"),
    path("rename/", key_views.rename, name="api_key_rename"),
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

urlpatterns: list[URLPattern | URLResolver] = [
    path("v3/whoami", identity_api.whoami, name="api_whoami"),
    path("v1/whoami", identity_api.whoami_flat, name="api_whoami_flat"),
    path("v1/projects", identity_api.projects, name="api_projects"),
    path("v1/keys/verify", api.verify, name="api_verify"),
    path("v1/keys/leaks", leak_api.leaks, name="api_leaks"),
    path("v1/auth", api.auth, name="api_auth"),
    path("settings/projects/<tenant:slug>/api-keys/", include(keys)),
    path("settings/organization/<tenant:slug>/api-keys/", include(organization)),
    path("settings/organization/<tenant:slug>/default-key/", include(default_key)),
]
