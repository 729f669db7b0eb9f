"""What a new budget can be for, as the choices of its form: public ids, or the word for the page's own."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts.access.organization import OrganizationAccess
from accounts.models import User
from projects.access import ProjectAccess
from projects.models import Collaborator
from usage.budgets.subjects import Subject

# So many of a kind are listed by name; others can be named by the `scope` of the URL.
MAX_OPTIONS = 100
OWN_ORGANIZATION, OWN_PROJECT = "organization", "project"
Options = list[Any]


@dataclass(frozen=True)
class SubjectChoices:
    """What the budgets that are created below a page can be for."""

    access: OrganizationAccess | ProjectAccess

    def list_options(self, chosen: str) -> Options:
        """Returns the options of a select, by kind; `chosen` is among them if it can be chosen."""
        if isinstance(self.access, ProjectAccess):
            options = self.list_of_project(self.access)
        else:
            options = self.list_of_organization(self.access)
        listed = {value for _, group in options for value, _ in group}
        subject = None if chosen in listed else self.find_subject(chosen)
        if subject:
            options.append(("Chosen", [(chosen, subject.name)]))
        return options

    def list_of_organization(self, access: OrganizationAccess) -> Options:
        organization = access.organization
        projects = organization.projects.unarchived().order_by("search_text", "pk")
        people = find_people(access).order_by("search_text", "pk")
        return keep_filled(
            ("Organization", [(OWN_ORGANIZATION, f"{organization.name}, the whole organization")]),
            ("Projects", list_named(projects)),
            ("People", list_named(people)),
        )

    def list_of_project(self, access: ProjectAccess) -> Options:
        project = access.project
        accounts = project.service_accounts.current().order_by("search_text", "pk")
        keys = project.api_keys.listed().unrevoked().order_by("search_text", "pk")
        return keep_filled(
            ("Project", [(OWN_PROJECT, f"{project.name}, the whole project")]),
            ("Service accounts", list_named(accounts)),
            ("API keys", list_named(keys)),
        )

    def find_subject(self, value: str) -> Subject | None:
        """Returns what a value of the form names, None if it can't be chosen here."""
        if "\x00" in value:
            return None
        if isinstance(self.access, ProjectAccess):
            return find_in_project(self.access, value)
        return find_in_organization(self.access, value)


def keep_filled(*groups: tuple[str, Options]) -> Options:
    return [group for group in groups if group[1]]


def list_named(rows: QuerySet[Any]) -> Options:
    """Returns the first rows as options."""
    return [(row.public_id, row.name) for row in rows[:MAX_OPTIONS]]


def find_people(access: OrganizationAccess) -> QuerySet[User]:
    """Returns the members of an organization, and the external collaborators of its projects."""
    organization = access.organization
    collaborators = Collaborator.objects.current().filter(project__organization=organization)
    members = User.objects.filter(pk__in=organization.memberships.values("user"))
    return members | User.objects.filter(pk__in=collaborators.values("user"))


def find_in_organization(access: OrganizationAccess, value: str) -> Subject | None:
    organization = access.organization
    if value in (OWN_ORGANIZATION, organization.public_id):
        return Subject(organization)
    if project := organization.projects.filter(public_id=value).first():
        return Subject(organization, project=project)
    user = find_people(access).filter(public_id=value).first()
    return Subject(organization, user=user) if user else None


def find_in_project(access: ProjectAccess, value: str) -> Subject | None:
    project, organization = access.project, access.organization
    if value in (OWN_PROJECT, project.public_id):
        return Subject(organization, project=project)
    if key := project.api_keys.listed().unrevoked().filter(public_id=value).first():
        return Subject(organization, api_key=key)
    account = project.service_accounts.current().filter(public_id=value).first()
    return Subject(organization, service_account=account) if account else None
