"""One search over what customers name to support: ids, email addresses, slugs, domains, key hints."""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet

from accounts.models import Invitation, Organization, SupportRequest, User
from accounts.permissions import OrganizationRole
from accounts.searching import match_words
from console.desk.rows import DeskRow, DeskSection, change_url, list_url
from keys.models import ApiKey, ServiceCredential
from projects.models import Project

EACH = 8
MIN_LENGTH = 2
Describe = Callable[[Any], DeskRow]


def search_customers(text: str) -> Iterator[DeskSection]:
    """Yields a section for each kind of row that `text` matches; two queries for each kind."""
    email = text.removeprefix("@")
    searches: tuple[tuple[str, QuerySet[Any], Describe], ...] = (
        ("Organizations", find_organizations(text, email), describe_organization),
        ("People", find_people(text, email), describe_person),
        ("Projects", find_projects(text), describe_project),
        ("API keys", find_api_keys(text), describe_key),
        ("Invitations", find_invitations(text, email), describe_invitation),
        ("Requests", SupportRequest.objects.filter(public_id=text), describe_request),
        ("Service credentials", find_credentials(text), describe_credential),
    )
    for title, rows, describe in searches:
        results = [describe(row) for row in rows[:EACH]]
        if results:
            has_list = admin.site.is_registered(rows.model)
            url = list_url(rows.model, q=text) if has_list else ""
            yield DeskSection(title, "", results, rows.count(), url)


def find_organizations(text: str, email: str) -> QuerySet[Organization]:
    named = match_words(text, "search_text") | Q(public_id=text)
    owned = Q(memberships__role=OrganizationRole.OWNER) & match_words(
        email, "memberships__user__search_text"
    )
    return Organization.objects.filter(named | owned).order_by("search_text", "pk").distinct()


def find_people(text: str, email: str) -> QuerySet[User]:
    named = match_words(email, "search_text") | Q(public_id=text)
    return User.objects.filter(named).select_related("home_organization").order_by("email", "pk")


def find_projects(text: str) -> QuerySet[Project]:
    return (
        Project.objects.matching(text).select_related("organization").order_by("search_text", "pk")
    )


def find_api_keys(text: str) -> QuerySet[ApiKey]:
    matches = ApiKey.objects.matching(text).select_related("project__organization")
    return matches.order_by("search_text", "pk")


def find_invitations(text: str, email: str) -> QuerySet[Invitation]:
    matches = Invitation.objects.filter(match_words(email, "search_text") | Q(public_id=text))
    return matches.select_related("organization").order_by("-created_at", "-pk")


def find_credentials(text: str) -> QuerySet[ServiceCredential]:
    named = match_words(text, "search_text") | Q(hint__icontains=text) | Q(public_id=text)
    return ServiceCredential.objects.filter(named).order_by("search_text", "pk")


def describe_organization(organization: Organization) -> DeskRow:
    return DeskRow(organization.name, change_url(organization), organization.slug)


def describe_person(user: User) -> DeskRow:
    return DeskRow(user.name, change_url(user), user.email)


def describe_project(project: Project) -> DeskRow:
    return DeskRow(project.name, change_url(project), f"{project.slug} in {project.organization}")


def describe_key(key: ApiKey) -> DeskRow:
    note = f"{key.public_id} in {key.project.slug}, {key.project.organization}"
    return DeskRow(key.name, change_url(key), note)


def describe_invitation(invitation: Invitation) -> DeskRow:
    """Invitations have no page in Django admin; their organization has."""
    note = f"{invitation.get_state_display()}, {invitation.organization}"
    return DeskRow(invitation.email, change_url(invitation.organization), note)


def describe_request(request: SupportRequest) -> DeskRow:
    return DeskRow(str(request), change_url(request), request.get_state_display())


def describe_credential(credential: ServiceCredential) -> DeskRow:
    return DeskRow(credential.name, change_url(credential), credential.hint)
