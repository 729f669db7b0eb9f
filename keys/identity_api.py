"""Whom a credential stands for, and which projects it opens: what the official client asks first."""

from typing import Any

from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, JsonResponse

from accounts.web.pagination import Order, decode_cursor, encode_cursor
from keys.callers import KEYS_ONLY, Caller, api_route, forbidden, invalid, limit_in
from projects.models import Project
from projects.models.project import ProjectQuerySet

MOST, USUAL = 100, 20  # projects in a page
BY_NAME = Order("name")


@api_route()
def whoami(request: HttpRequest, caller: Caller) -> JsonResponse:
    """What kind of credential it is, and of whom; see `CallerKind`."""
    told: dict[str, Any] = {"type": caller.kind}
    if caller.key:
        told["api_key"] = {"id": caller.key.public_id}
    if caller.user:
        told["user"] = {"id": caller.user.public_id}
    if organization := caller.organization:
        told["organization"] = {"id": organization.public_id, "name": organization.name}
    if project := caller.project:
        told["project"] = {"id": project.public_id, "name": project.name, "slug": project.slug}
    return JsonResponse(told)


@api_route()
def whoami_flat(request: HttpRequest, caller: Caller) -> JsonResponse:
    """The same for older clients, which know keys alone."""
    key, organization, project = caller.key, caller.organization, caller.project
    if not (key and organization and project):
        raise forbidden(KEYS_ONLY)
    return JsonResponse(
        {
            "api_key_id": key.public_id,
            "organization_id": organization.public_id,
            "organization_name": organization.name,
            "project_id": project.public_id,
            "project_name": project.name,
            "project_slug": project.slug,
        }
    )


@api_route()
def projects(request: HttpRequest, caller: Caller) -> JsonResponse:
    """The project of a key or project token; for a login every one its person can use, by name."""
    limit = limit_in(request, most=MOST, usual=USUAL)
    found = following(caller.projects().select_related("organization"), request.GET.get("after"))
    rows = list(BY_NAME.apply(found)[: limit + 1])
    page = rows[:limit]
    return JsonResponse(
        {
            "object": "list",
            "data": [described(project) for project in page],
            "next_cursor": encode_cursor(page[-1], BY_NAME) if len(rows) > limit else None,
        }
    )


def described(project: Project) -> dict[str, str]:
    return {
        "id": project.public_id,
        "name": project.name,
        "slug": project.slug,
        "organization_id": project.organization.public_id,
        "organization_name": project.organization.name,
    }


def following(found: ProjectQuerySet, after: str | None) -> ProjectQuerySet:
    if after is None:
        return found
    try:
        return found.filter(BY_NAME.after(decode_cursor(after)))
    except (BadRequest, ValidationError) as error:
        wanted = "after is the next_cursor of the page before."
        raise invalid(wanted, "after", status=400) from error
