"""Results of *Search or jump to*: pages, projects, organizations, API keys and people that are visible."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import islice
from operator import or_
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, F, Func, IntegerField, Q, When
from django.urls import reverse

from accounts.models import Invitation, Membership, Organization
from accounts.models.principals import Principal
from accounts.permissions import Permission
from accounts.searching import fold, match_words, split_words
from console.web.frame import Frame
from console.web.search.destinations import Result, list_actions, list_pages, list_tenants
from keys.api_keys.lists import ALL
from keys.models import ApiKey
from projects.models import Collaborator, Project, ServiceAccount

EACH = 8
MOST_PAGES = 12
# Of so many projects and organizations that are named by one word, the best matches come first.
MOST_NAMED = 40


@dataclass(frozen=True)
class Section:
    title: str
    results: list[Result]


def find_sections(frame: Frame, text: str) -> Iterator[Section]:
    """Yields the results for `text`; without a text, only pages."""
    words = split_words(text)
    projects, organizations = find_named(frame.principal, words, ids=text.split())
    tenants = list(list_tenants(frame, projects, organizations))
    yield Section("Pages", list(islice(list_pages(tenants, words), MOST_PAGES if words else None)))
    yield Section("Actions", list(islice(list_actions(frame, tenants, words), EACH)))
    if text:
        yield Section("Projects", describe_projects(projects, text))
        yield Section("Organizations", describe_organizations(organizations, text))
        yield Section("API keys", api_keys(frame.principal, text))
        yield Section("Service accounts", service_accounts(frame.principal, text))
        yield Section("People", people(frame.principal, text))
        yield Section("Pending invitations", pending_people(frame.principal, words))


def find_named(
    principal: Principal, words: Sequence[str], *, ids: Sequence[str]
) -> tuple[list[Project], list[Organization]]:
    """Returns projects and organizations with any of the words in their name or slug, or as their id."""
    if not words:
        return [], []
    named = reduce(or_, (Q(search_text__contains=word) for word in words))
    named |= Q(public_id__in=ids)
    projects = Project.objects.visible_to(principal).filter(named)
    organizations = Organization.objects.visible_to(principal).filter(named)
    order = (match_count(words).desc(), "search_text", "pk")
    return (
        list(projects.select_related("organization").order_by(*order)[:MOST_NAMED]),
        list(organizations.order_by(*order)[:MOST_NAMED]),
    )


def match_count(words: Sequence[str]) -> Any:
    """Returns how many of the words a folded name has, so that the best matches come first."""
    terms = (Case(When(search_text__contains=word, then=1), default=0) for word in words)
    # As one sum: with `+` each term would be in brackets inside those of the one before.
    return Func(*terms, template="(%(expressions)s)", arg_joiner=" + ", output_field=IntegerField())


def describe_projects(projects: Iterable[Project], text: str) -> list[Result]:
    return [
        Result(project.name, reverse("project", args=[project.slug]), project.organization.name)
        for project in projects
        if is_match(project, text)
    ][:EACH]


def describe_organizations(organizations: Iterable[Organization], text: str) -> list[Result]:
    return [
        Result(
            organization.name, reverse("organization", args=[organization.slug]), organization.slug
        )
        for organization in organizations
        if is_match(organization, text)
    ][:EACH]


def is_match(row: Project | Organization, text: str) -> bool:
    """Returns whether the row has all words in its name or slug, or the text as its id."""
    return row.public_id == text or all(word in row.search_text for word in split_words(text))


def api_keys(principal: Principal, text: str) -> list[Result]:
    """Returns API keys by name, hint or id, with revoked keys last."""
    matches = ApiKey.objects.listed().visible_to(principal).matching(text)
    order = (F("revoked_at").desc(nulls_first=True), "search_text", "pk")
    keys = matches.select_related("project").prefetch_related("secrets").order_by(*order)
    return [
        Result(key.name, build_key_url(key), f"{key.project.name} · {key.status.label}")
        for key in keys[:EACH]
    ]


def service_accounts(principal: Principal, text: str) -> list[Result]:
    """Returns service accounts by name or id."""
    visible = Project.objects.visible_to(principal).allowing(Permission.SERVICE_ACCOUNTS_SEE)
    matches = ServiceAccount.objects.current().filter(project__in=visible.values("pk"))
    accounts = matches.matching(text).select_related("project").order_by("search_text", "pk")
    return [
        Result(
            account.name,
            reverse("service_account", args=[account.project.slug, account.public_id]),
            f"{account.project.name} · {account.get_role_display()}",
        )
        for account in accounts[:EACH]
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


def pending_people(principal: Principal, words: Sequence[str]) -> list[Result]:
    """Returns people who are invited, for those who manage members or external collaborators."""
    visible = Project.objects.visible_to(principal)
    managed = visible.filter(is_default=True).allowing(Permission.MEMBERS_MANAGE)
    shared = visible.allowing(Permission.EXTERNALS_MANAGE)
    invitations = Invitation.objects.pending().filter(
        Q(organization__in=managed.values("organization"), project_ref="")
        | Q(project_ref__in=shared.values("public_id")),
        match_words(" ".join(words), "search_text"),
    )
    rows = invitations.select_related("organization").order_by("search_text", "pk")
    rows = rows.prefetch_related("project_grants__project")
    return [
        Result(row.email, build_pending_url(row), f"Invited to {row.organization.name}")
        for row in rows[:EACH]
    ]


def build_pending_url(invitation: Invitation) -> str:
    """Returns the URL of the list that has the invitation."""
    name, slug = "members", invitation.organization.slug
    grant = next(iter(invitation.project_grants.all()), None) if invitation.project_ref else None
    if grant:
        name, slug = "collaborators", grant.project.slug
    return f"{reverse(name, args=[slug])}?{urlencode({'q': invitation.email})}"
