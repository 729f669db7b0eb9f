"""Limits of the tests' world, and the answers of gateways about keys that have some."""

from typing import Any

from keys.models import ApiKey, RequestLimits
from projects.models import Project
from tests.keys.helpers.gateway_client import verify
from tests.world import World


def limit(subject: Project | ApiKey, **rules: Any) -> None:
    """Sets the limits of a project or key; lists are written as lines."""
    lines = {
        name: "\n".join(value) if isinstance(value, list) else value
        for name, value in rules.items()
    }
    name = "api_key" if isinstance(subject, ApiKey) else "project"
    RequestLimits.objects.update_or_create(**{name: subject}, defaults=lines)


def ask(credential: str, world: World, **said: Any) -> str:
    """The code for the world's key."""
    return str(verify(credential, world.key_secret, said=said).json()["code"])


def ask_often(credential: str, world: World, number: int) -> list[str]:
    return [ask(credential, world) for _ in range(number)]
