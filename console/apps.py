"""The console app: puts the parts together."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "console"
