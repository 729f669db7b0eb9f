"""What usage puts on pages of the rooms below it, which import nothing of it: their templates load this."""

import datetime as dt
from typing import Any

from django import template
from django.utils import timezone

from projects.access import ProjectAccess
from usage.early_access import waiting
from usage.models import DailyTotal

register = template.Library()

RECENT = dt.timedelta(days=30)


@register.inclusion_tag("usage/early_access_banner.html")
def early_access_on_overview(access: ProjectAccess) -> dict[str, Any]:
    """For externals, whose own bill it is, and on a project without recent usage."""
    if not access.may.usage_see:
        return external_banner(access)
    recent = DailyTotal.objects.filter(
        organization=access.organization,
        project=access.project,
        day__gt=timezone.now().date() - RECENT,
    )
    return {} if recent.exists() else early_access_banner(access)


def external_banner(access: ProjectAccess) -> dict[str, Any]:
    return {
        "products": waiting(),
        "where": "external",
        "organization": access.organization.name,
        "home": access.user.home_organization,
    }


@register.inclusion_tag("usage/early_access_banner.html")
def early_access_banner(access: ProjectAccess) -> dict[str, Any]:
    where = "default" if access.project.is_default else "project"
    return {"products": waiting(), "where": where, "organization": access.organization.name}
