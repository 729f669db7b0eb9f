"""Limits of the demo world: one API key that may make some requests, for some models, from some networks."""

from accounts.actors import Actor
from accounts.enums import Action
from accounts.models import AuditEvent, Organization
from keys.enums import ModelRule
from keys.request_limits.services import change_limits

PROJECT, KEY = "ml-research", "batch-embeddings"


def create_demo_limits(organization: Organization, owner: Actor) -> None:
    """Limits a key of an organization, unless the limits of something were changed there before."""
    if AuditEvent.objects.filter(organization=organization, act=Action.LIMITS_CHANGED).exists():
        return
    project = organization.projects.unarchived().filter(slugs__slug=PROJECT).first()
    key = project.api_keys.listed().unrevoked().filter(name=KEY).first() if project else None
    if key:
        change_limits(
            actor=owner,
            subject=key,
            requests_per_minute=600,
            requests_per_day=50_000,
            model_rule=ModelRule.ALLOW,
            model_names=["bge-large-en-v1.5", "multilingual-e5-large"],
            ip_ranges=["192.0.2.0/24", "2001:db8::/32"],
        )
