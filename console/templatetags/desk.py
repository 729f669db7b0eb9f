"""Parts of the pages of Django admin that look into every app."""

from django import template

from accounts.models import Organization
from console.desk.organization import Fact, describe_organization

register = template.Library()


@register.inclusion_tag("admin/accounts/organization/_summary.html")
def organization_summary(organization: Organization) -> dict[str, list[Fact]]:
    """Shows who owns an organization, and what it has and costs."""
    return {"facts": describe_organization(organization)}
