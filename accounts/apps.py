"""The accounts app: who you are, whom you belong to, what you may do."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
