"""The first steps of a new organization, which take the place of its Default Project's overview.

Each step is done when the data says so. People who may do all of them see the list until it is done or they
hide it.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.urls import reverse

from accounts.enums import Action, SupportRequestKind
from accounts.models import AuditEvent, Invitation, Membership, Organization, SupportRequest
from accounts.permissions import OrganizationRole, Permission
from keys.first_request import build_first_request
from keys.models import ApiKey, KeySecret
from projects.access import ProjectAccess
from usage.models import DailyTotal

NEEDED = (
    Permission.ORGANIZATION_SETTINGS_CHANGE,
    Permission.API_KEYS_MANAGE,
    Permission.MEMBERS_MANAGE,
    Permission.SUPPORT_REQUEST,
)


@dataclass(frozen=True)
class Step:
    """`template` describes the step; `is_next` marks the first one that is not done."""

    number: int
    template: str
    url: str
    is_done: bool
    is_next: bool


@dataclass(frozen=True)
class FirstSteps:
    steps: list[Step]
    organization: Organization
    hide_url: str

    @property
    def base_url(self) -> str:
        return settings.API_URL or settings.BASE_URL

    @property
    def command(self) -> str:
        """The first request: as the operator describes it, or one that asks the console whose the key is."""
        return build_first_request().command

    @property
    def done(self) -> int:
        return sum(step.is_done for step in self.steps)


def build_first_steps(access: ProjectAccess, *, requested: bool) -> FirstSteps | None:
    """Returns the steps to show on the overview of this project; None if the overview is shown.

    `requested`: the person followed a link to the steps, which shows them even if hidden or done.
    """
    if not access.project.is_default or not all(access.allows(needed) for needed in NEEDED):
        return None
    state = read_state(access)
    done = [
        state["renamed"] or not state["named_after_owner"],
        state["has_key"],
        state["has_used_key"] or state["has_usage"],
        state["is_shared"] or state["has_invited"],
        access.organization.project_limit > 1 or state["has_requested"],
    ]
    if not requested and (all(done) or state["hidden"]):
        return None
    organization, project = access.organization.slug, access.project.slug
    urls = (
        reverse("organization_settings", args=[organization]),
        reverse("api_key_create", args=[project]),
        reverse("api_reference"),
        reverse("member_invite", args=[organization]),
        reverse("project_request", args=[organization]),
    )
    first_open = done.index(False) if False in done else -1
    steps = [
        Step(
            index + 1,
            f"console/first_steps/_step_{index + 1}.html",
            url,
            is_done,
            index == first_open,
        )
        for index, (url, is_done) in enumerate(zip(urls, done, strict=True))
    ]
    hide_url = reverse("first_steps_hide", args=[organization])
    hideable = not (all(done) or state["hidden"])
    return FirstSteps(steps, access.organization, hide_url if hideable else "")


def read_state(access: ProjectAccess) -> dict[str, Any]:
    """Returns what is done, and whether the person has hidden the steps, in one query."""
    here = {"organization": OuterRef("pk")}
    members = Membership.objects.filter(**here)
    keys = ApiKey.objects.listed().filter(project__organization=OuterRef("pk"))
    secrets = KeySecret.objects.filter(api_key__project__organization=OuterRef("pk"))
    conditions = {
        "hidden": members.filter(user=access.principal.user, hides_first_steps=True),
        "named_after_owner": members.filter(
            role=OrganizationRole.OWNER, user__name=OuterRef("name")
        ),
        "renamed": AuditEvent.objects.filter(
            chain__organization=OuterRef("pk"), act=Action.ORGANIZATION_CHANGED
        ),
        "has_key": keys,
        "has_used_key": secrets.filter(last_used_at__isnull=False),
        "has_usage": DailyTotal.objects.filter(**here),
        "is_shared": members.exclude(role=OrganizationRole.OWNER),
        "has_invited": Invitation.objects.filter(**here),
        "has_requested": SupportRequest.objects.filter(**here, kind=SupportRequestKind.PROJECTS),
    }
    exists = {name: Exists(rows) for name, rows in conditions.items()}
    return dict(Organization.objects.filter(pk=access.organization.pk).values(**exists).get())
