"""Search or jump to: pages, projects, organizations, keys and people that somebody may see anyway."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import F, Q
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.doors import READ, signed_in_page
from accounts.models import Membership, Organization, User
from accounts.permissions import Permission
from accounts.web.sorting import filter_text
from console.web.frame import Frame, frame_of
from console.web.navigation import search_pages
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


@signed_in_page(*READ, title="Search", viewable=True)
def search(request: HttpRequest) -> HttpResponse:
    frame, text = frame_of(request), filter_text(request.GET.get("q", ""))
    found = [section for section in sections(frame, text) if section.results]
    context = {"q": text, "sections": found, "number": sum(len(one.results) for one in found)}
    return render(request, "console/web/search.html", context)


def sections(frame: Frame, text: str) -> Iterator[Section]:
    """What fits `text`; without a text the pages at hand alone."""
    yield Section("Pages", [one for one in pages(frame) if text.lower() in one.label.lower()])
    if text:
        yield Section("Projects", projects(frame.user, text))
        yield Section("Organizations", organizations(frame.user, text))
        yield Section("API keys", api_keys(frame.user, text))
        yield Section("People", people(frame.user, text))


def pages(frame: Frame) -> Iterator[Result]:
    for group in frame.groups:
        for item in group.items:
            yield Result(item.label, item.url, group.label)
    for name, title in search_pages().items():
        yield Result(title, reverse(name), "Yours")


def projects(user: User, text: str) -> list[Result]:
    named = Q(name__icontains=text) | Q(slug__icontains=text) | Q(public_id=text)
    found = Project.objects.visible_to(user).filter(named).select_related("organization")
    return [
        Result(one.name, reverse("project", args=[one.slug]), one.organization.name)
        for one in found.order_by("name", "pk")[:EACH]
    ]


def organizations(user: User, text: str) -> list[Result]:
    found = Organization.objects.visible_to(user).named_like(text)
    return [
        Result(one.name, reverse("organization", args=[one.slug]), one.slug)
        for one in found.order_by("name", "pk")[:EACH]
    ]


def api_keys(user: User, text: str) -> list[Result]:
    """By name, hint or id; those still in use first."""
    visible = Project.objects.visible_to(user).allowing(Permission.API_KEYS_SEE)
    found = ApiKey.objects.listed().found_by(text).filter(project__in=visible.values("pk"))
    order = (F("revoked_at").desc(nulls_first=True), Lower("name"), "pk")
    return [
        Result(one.name, one_key(one), f"{one.project.name} · {one.status.label}")
        for one in found.select_related("project")
        .prefetch_related("secrets")
        .order_by(*order)[:EACH]
    ]


def one_key(key: ApiKey) -> str:
    """The address of the list with that key alone."""
    query = urlencode({"q": key.public_id, "status": ALL})
    return f"{reverse('api_keys', args=[key.project.slug])}?{query}"


def people(user: User, text: str) -> list[Result]:
    """Each person once: as a member where the caller may see members, else as a collaborator."""
    found = dict((*collaborators(user, text), *members(user, text)))
    return sorted(found.values(), key=lambda one: one.label.lower())[:EACH]


def members(user: User, text: str) -> Iterator[tuple[int, Result]]:
    visible = Organization.objects.visible_to(user)
    found = Membership.objects.filter(
        Q(user__name__icontains=text) | Q(user__email__icontains=text),
        organization__in=visible.filter(memberships__user=user).values("pk"),
    )
    for one in found.select_related("user", "organization")[:EACH]:
        address = reverse("members", args=[one.organization.slug])
        note = f"{one.user.email} · {one.organization.name}"
        yield (
            one.user_id,
            Result(one.user.name, f"{address}?{urlencode({'q': one.user.email})}", note),
        )


def collaborators(user: User, text: str) -> Iterator[tuple[int, Result]]:
    """Who may not see somebody's address does not find them by it either."""
    visible = Project.objects.visible_to(user)
    with_emails = visible.allowing(Permission.COLLABORATOR_EMAILS_SEE)
    found = Collaborator.objects.filter(
        Q(user__name__icontains=text, project__in=visible.values("pk"))
        | Q(user__email__icontains=text, project__in=with_emails.values("pk"))
    ).select_related("user", "project")
    for one in found[: 5 * EACH]:
        address = reverse("collaborators", args=[one.project.slug])
        url = f"{address}?{urlencode({'q': one.user.name})}"
        yield one.user_id, Result(one.user.name, url, one.project.name)
