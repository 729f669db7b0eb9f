"""Results of *Search or jump to*: pages, projects, organizations, API keys and people that are visible."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import F
from django.urls import reverse

from accounts.models import Membership, Organization
from accounts.models.principals import Principal
from accounts.searching import fold
from console.web.frame import Frame
from console.web.navigation import list_search_pages
from keys.api_keys.lists import ALL
from keys.models import ApiKey
from projects.models import Collaborator, Project

EACH = 8


@dataclass(frozen=True)
class Result:
    label: str
    url: str
    note: str = ""


@dataclass(frozen=True)
class Section:
    title: str
    results: list[Result]


def find_sections(frame: Frame, text: str) -> Iterator[Section]:
    """Yields the results for `text`; without a text, only pages."""
    words = fold(text).split()
    matches = [
        page
        for page in list_pages(frame)
        if all(word in fold(f"{page.label} {page.note}") for word in words)
    ]
    yield Section("Pages", matches)
    if text:
        yield Section("Projects", projects(frame.principal, text))
        yield Section("Organizations", organizations(frame.principal, text))
        yield Section("API keys", api_keys(frame.principal, text))
        yield Section("People", people(frame.principal, text))


def list_pages(frame: Frame) -> Iterator[Result]:
    for group in frame.groups:
        for item in group.items:
            yield Result(item.label, item.url, group.label)
    for name, title in list_search_pages().items():
        yield Result(title, reverse(name), "Yours")


def projects(principal: Principal, text: str) -> list[Result]:
    matches = Project.objects.visible_to(principal).matching(text).select_related("organization")
    return [
        Result(project.name, reverse("project", args=[project.slug]), project.organization.name)
        for project in matches.order_by("search_text", "pk")[:EACH]
    ]


def organizations(principal: Principal, text: str) -> list[Result]:
    matches = Organization.objects.visible_to(principal).named_like(text)
    return [
        Result(
            organization.name, reverse("organization", args=[organization.slug]), organization.slug
        )
        for organization in matches.order_by("search_text", "pk")[:EACH]
    ]


def api_keys(principal: Principal, text: str) -> list[Result]:
    """Returns API keys by name, hint or id, with revoked keys last."""
    matches = ApiKey.objects.listed().visible_to(principal).matching(text)
    order = (F("revoked_at").desc(nulls_first=True), "search_text", "pk")
    keys = matches.select_related("project").prefetch_related("secrets").order_by(*order)
    return [
        Result(key.name, build_key_url(key), f"{key.project.name} · {key.status.label}")
        for key in keys[:EACH]
    ]


def build_key_url(key: ApiKey) -> str:
    """Returns the URL of the list of API keys, filtered by this key."""
    query = urlencode({"q": key.public_id, "status": ALL})
    return f"{reverse('api_keys', args=[key.project.slug])}?{query}"


def people(principal: Principal, text: str) -> list[Result]:
    """Returns each person once, as a member if the caller may see that, otherwise as a collaborator."""
    results = dict((*collaborators(principal, text), *members(principal, text)))
    return sorted(results.values(), key=lambda result: fold(result.label))[:EACH]


def members(principal: Principal, text: str) -> Iterator[tuple[int, Result]]:
    """Yields results with the id of the user."""
    matches = Membership.objects.visible_to(principal).matching(text)
    for membership in matches.select_related("user", "organization")[:EACH]:
        person, organization = membership.user, membership.organization
        address = reverse("members", args=[organization.slug])
        url = f"{address}?{urlencode({'q': person.email})}"
        yield person.pk, Result(person.name, url, f"{person.email} · {organization.name}")


def collaborators(principal: Principal, text: str) -> Iterator[tuple[int, Result]]:
    """Yields results with the id of the user."""
    matches = Collaborator.objects.matching(text, principal).select_related("user", "project")
    for row in matches[: 5 * EACH]:
        address = reverse("collaborators", args=[row.project.slug])
        url = f"{address}?{urlencode({'q': row.user.name})}"
        yield row.user_id, Result(row.user.name, url, row.project.name)
