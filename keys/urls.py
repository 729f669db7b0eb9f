"""Addresses of keys: each names one act."""

from django.urls import URLPattern, URLResolver, path

from keys import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/keys/verify", api.verify, name="api_verify"),
    path("v1/auth", api.auth, name="api_auth"),
]
