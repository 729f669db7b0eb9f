"""The paths of OpenAI's Administration API that this console does not have, and why; see docs/api.md."""

import re
from typing import NamedTuple


class Unsupported(NamedTuple):
    """Objects that the console does not have; `pattern` matches the paths of their operations."""

    name: str
    paths: tuple[str, ...]
    reason: str

    @property
    def pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(f"/v1{path}(/.*)?" for path in self.paths))


ORGANIZATION, PROJECT = "/organization", "/organization/projects/[^/]+"
UNSUPPORTED = (
    Unsupported(
        "Roles and their assignments",
        (
            f"{ORGANIZATION}/roles",
            f"{ORGANIZATION}/users/[^/]+/roles",
            "/projects/[^/]+/(roles|groups|users)",
        ),
        "The console has no custom roles yet. The roles of members and collaborators are fields.",
    ),
    Unsupported(
        "Groups",
        tuple(f"{of}/groups" for of in (ORGANIZATION, PROJECT)),
        "The console has no groups yet.",
    ),
    Unsupported(
        "Workload identity",
        (f"{ORGANIZATION}/workload_identity_providers",),
        "The console does not exchange tokens from other issuers yet. Use service account tokens.",
    ),
    Unsupported(
        "Certificates",
        tuple(f"{of}/certificates" for of in (ORGANIZATION, PROJECT)),
        "The console does not authenticate programs with certificates.",
    ),
    Unsupported(
        "Data retention",
        tuple(f"{of}/data_retention" for of in (ORGANIZATION, PROJECT)),
        "The console does not store the content of requests to products.",
    ),
    Unsupported(
        "External keys and storage",
        tuple(f"{ORGANIZATION}/{name}" for name in ("external_keys", "external_storage")),
        "The console does not store the content of requests to products.",
    ),
    Unsupported(
        "Hosted tools and service tiers",
        tuple(f"{PROJECT}/{name}" for name in ("hosted_tool_permissions", "service_tier_settings")),
        "The platform's products have no such settings.",
    ),
)
COMPILED = tuple((entry, entry.pattern) for entry in UNSUPPORTED)


def describe_unsupported(path: str) -> str:
    """Returns why the operations at a path do not exist here; empty for all other paths."""
    for entry, pattern in COMPILED:
        if pattern.fullmatch(path):
            return f"{entry.name} are not supported. {entry.reason}"
    return ""
