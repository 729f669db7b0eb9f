"""Django's `createsuperuser`. Without `--name`, a person's name is what precedes the @ of the address."""

import os
from typing import Any

from django.contrib.auth.management.commands.createsuperuser import Command as DjangoCreateSuperuser


class Command(DjangoCreateSuperuser):
    help = "Create support staff with all permissions, who sign in at /admin/."

    def handle(self, *args: Any, **options: Any) -> str | None:
        email = options["email"] or os.environ.get("DJANGO_SUPERUSER_EMAIL", "")
        if not options["interactive"] and not os.environ.get("DJANGO_SUPERUSER_NAME"):
            options["name"] = options["name"] or email.partition("@")[0]
        return super().handle(*args, **options)
