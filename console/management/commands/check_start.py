"""Checks everything that prevents a start, without starting. gunicorn runs it first."""

from typing import Any

from django.core.management.base import BaseCommand

from console.operations.startup import refuse_unusable_settings


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_unusable_settings()
