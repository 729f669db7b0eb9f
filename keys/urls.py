"""Addresses of keys: each names one act."""

from django.urls import URLPattern, URLResolver, include, path

from keys import api, leak_api, views

keys: list[URLPattern] = [
    path("", views.api_keys, name="api_keys"),
    path("create/", views.create, name="api_key_create"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/keys/verify", api.verify, name="api_verify"),
    path("v1/keys/leaks", leak_api.leaks, name="api_leaks"),
    path("v1/auth", api.auth, name="api_auth"),
    path("settings/projects/<tenant:slug>/api-keys/", include(keys)),
]
