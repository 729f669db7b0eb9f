"""Support staff at an act of Django admin: they ask, see what would change, and confirm it."""

from typing import Any

from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import User
from tests.world import staff_member


def asked(staff: Client, path: str, data: dict[str, Any]) -> Any:
    """The answer to the form before anything was confirmed."""
    return staff.post(path, data)


def confirmed(staff: Client, path: str, data: dict[str, Any]) -> Any:
    """The answer to the form and, if that shows what would change, to the confirmation."""
    answer = asked(staff, path, data)
    review = answer.context["review"] if answer.context else None
    return staff.post(path, {**data, "confirmed": review.mark}) if review else answer


def allowed(*codenames: str) -> User:
    """Support staff who may do that much and no more."""
    staff = staff_member("narrow@console.example")
    staff.is_superuser = False
    staff.save(update_fields=["is_superuser"])
    staff.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return staff
