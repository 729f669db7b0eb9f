"""What support staff see first of an organization in Django admin: who, what, how much, and where to look."""

from dataclasses import dataclass

from django.utils import timezone

from accounts.email_addresses import format_email
from accounts.enums import SupportRequestState
from accounts.models import AuditEvent, Membership, Organization, SupportRequest, User
from accounts.web.formatting import format_count
from console.desk.rows import change_url, list_url
from keys.models import ApiKey
from projects.models import Collaborator, Project
from usage.models import DailyTotal
from usage.reports.formatting import format_money
from usage.reports.periods import find_month


@dataclass(frozen=True)
class Fact:
    """One line about an organization: `text` links to `url` if there is one, `note` follows it."""

    label: str
    text: str
    url: str = ""
    note: str = ""


def describe_organization(organization: Organization) -> list[Fact]:
    """Returns the lines in the order in which they are shown. A linked number is that of the list's rows."""
    return [
        describe_owner(organization),
        describe_people(organization),
        describe_projects(organization),
        describe_keys(organization),
        describe_cost(organization),
        describe_requests(organization),
        describe_audit_log(organization),
    ]


def describe_owner(organization: Organization) -> Fact:
    owner: User = organization.memberships.owner().user
    note = "deleted their account" if owner.deleted_at else format_email(owner.email)
    return Fact("Owner", owner.name, change_url(owner), note)


def describe_people(organization: Organization) -> Fact:
    listed = Collaborator.objects.filter(project__organization=organization).external()
    externals = listed.values("user").distinct().count()
    pending = organization.invitations.pending().count()
    note = (
        f"{format_count(externals, 'external collaborator')}, "
        f"{format_count(pending, 'pending invitation')}"
    )
    members = format_count(organization.memberships.count(), "member")
    url = list_url(Membership, organization__id__exact=organization.pk)
    return Fact("People", members, url, note)


def describe_projects(organization: Organization) -> Fact:
    projects = Project.objects.filter(organization=organization)
    unarchived, limit = projects.unarchived().count(), organization.project_limit
    note = f"{unarchived} of at most {limit} in use, {projects.archived().count()} archived"
    url = list_url(Project, organization__id__exact=organization.pk)
    return Fact("Projects", format_count(projects.count(), "project"), url, note)


def describe_keys(organization: Organization) -> Fact:
    keys = ApiKey.objects.filter(project__organization=organization)
    url = list_url(ApiKey, project__organization__id__exact=organization.pk)
    note = f"{keys.active().count()} active, including the Default Key"
    return Fact("API keys", format_count(keys.count(), "API key"), url, note)


def describe_cost(organization: Organization) -> Fact:
    today = timezone.now().date()
    month = DailyTotal.objects.filter(organization=organization, day__range=find_month(today))
    cost = month.sum_all().cost
    return Fact("Cost this month", format_money(cost), note=f"{today:%B} so far, in UTC")


def describe_requests(organization: Organization) -> Fact:
    requests = SupportRequest.objects.filter(organization=organization)
    waiting = requests.filter(state=SupportRequestState.PENDING).count()
    url = list_url(SupportRequest, organization__id__exact=organization.pk, state="all")
    note = f"{waiting} waiting" if waiting else "none waiting"
    return Fact("Requests", format_count(requests.count(), "request"), url, note)


def describe_audit_log(organization: Organization) -> Fact:
    events = AuditEvent.objects.filter(organization=organization)
    url = list_url(AuditEvent, organization__id__exact=organization.pk)
    return Fact("Audit log", format_count(events.count(), "event"), url)
