"""Writes docs/permissions.md from the permission table."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from accounts.organizations.role_matrix import format_markdown


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        path = settings.BASE_DIR / "docs" / "permissions.md"
        path.write_text(format_markdown(), encoding="utf-8")
        self.stderr.write(f"Wrote {path.name}.")
