"""The usage app: what was used, and who is billed for it."""

from django.apps import AppConfig


class UsageConfig(AppConfig):
    name = "usage"
