"""The usage app: what was used, and whose bill it is on."""

from django.apps import AppConfig


class UsageConfig(AppConfig):
    name = "usage"
