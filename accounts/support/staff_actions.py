"""Actions of support staff on organizations and requests: the form, the facts and the service of each."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest
from django.urls import reverse

from accounts.actors import Actor
from accounts.enums import SupportRequestKind
from accounts.forms import ActionForm
from accounts.models import Membership, Organization, OutgoingMail, SupportRequest
from accounts.models.support import MOST_PROJECTS
from accounts.organizations.services.closing import get_api_keys
from accounts.support.admin_actions import StaffAction, call_service, describe_key_delay
from accounts.support.services.mail import RESEND_MAIL, can_be_resent, resend_mail
from accounts.support.services.support import (
    close_for_customer,
    decline_request,
    grant_request,
    reopen_organization,
    suspend_organization,
)
from accounts.support.services.viewing import VIEW_AS, start_view

Facts = list[tuple[str, object]]
LONG = forms.Textarea(attrs={"rows": 4, "cols": 60})


class AnswerForm(ActionForm):
    """An answer to the customer."""

    note = forms.CharField(
        label="Note to the customer",
        max_length=2000,
        widget=LONG,
        help_text="Mailed to the person who sent the request, and kept in their audit log.",
    )


class GrantProjectsForm(AnswerForm):
    """The new limit, and the answer."""

    project_limit = forms.IntegerField(
        label="New project limit",
        min_value=1,
        max_value=MOST_PROJECTS,
        help_text="How many projects they can have, including the Default Project.",
    )
    field_order = ("project_limit", "note")


class ReasonForm(ActionForm):
    """A reason that the customer sees."""

    reason = forms.CharField(label="Reason", max_length=500, widget=LONG)

    def __init__(self, data: Any, *, help_text: str) -> None:
        super().__init__(data)
        self.fields["reason"].help_text = help_text


def grant_form(data: Any, request: SupportRequest) -> ActionForm:
    if request.kind != SupportRequestKind.PROJECTS:
        return AnswerForm(data)
    present = request.organization.project_limit
    limit = max(request.requested_limit or 0, present + 1)
    return GrantProjectsForm(data, initial={"project_limit": limit})


def request_facts(request: SupportRequest) -> Facts:
    organization = request.organization
    enabled = organization.external_collaborators_enabled
    return [
        ("Organization", organization.name),
        ("Request", request.get_kind_display()),
        ("Requested by", request.requested_by or request.program_name),
        ("Reason", request.reason),
        ("Requested project limit", request.requested_limit or "Not named"),
        ("Projects now", f"{organization.projects.unarchived().count()}"),
        ("Project limit now", organization.project_limit),
        ("External collaborators", "Enabled" if enabled else "Not enabled"),
    ]


def organization_facts(organization: Organization) -> Facts:
    return [
        ("Organization", organization.name),
        ("State now", organization.get_state_display()),
        ("Owner", organization.memberships.owner().user),
        ("Members", organization.memberships.count()),
        (
            "Active API keys",
            f"{get_api_keys(organization).active().count():,}, and the Default Key",
        ),
    ]


def ending_facts(organization: Organization) -> Facts:
    return [*organization_facts(organization), *describe_key_delay()]


GRANT = StaffAction(
    name="grant",
    title="Grant the request",
    button="Grant",
    form=grant_form,
    facts=request_facts,
    perform=call_service(grant_request, "request"),
    done="Request granted. The requester is notified by email.",
)
DECLINE = StaffAction(
    name="decline",
    title="Decline the request",
    button="Decline",
    form=lambda data, request: AnswerForm(data),
    facts=request_facts,
    perform=call_service(decline_request, "request"),
    done="Request declined. The requester is notified by email.",
)
SUSPEND = StaffAction(
    name="suspend",
    title="Suspend the organization",
    button="Suspend",
    form=lambda data, organization: ReasonForm(
        data,
        help_text="Its members see this on every page. Until you reopen it, nothing can be changed and "
        "every API key is refused.",
    ),
    facts=ending_facts,
    perform=call_service(suspend_organization, "organization"),
    done="Organization suspended. Its Owner and Admins are notified by email.",
)
CLOSE = StaffAction(
    name="close",
    title="Close the organization",
    button="Close",
    form=lambda data, organization: ReasonForm(
        data,
        help_text="Only its Owner can read it afterwards, and every API key is refused. All members are "
        "notified by email.",
    ),
    facts=ending_facts,
    perform=call_service(close_for_customer, "organization"),
    done="Organization closed. All its members are notified by email.",
)
REOPEN = StaffAction(
    name="reopen",
    title="Reopen the organization",
    button="Reopen",
    form=lambda data, organization: ReasonForm(
        data,
        help_text="Mailed to the Owner and Admins, and kept in their audit log. Their API keys work "
        "again, unless revoked or expired.",
    ),
    facts=organization_facts,
    perform=call_service(reopen_organization, "organization"),
    done="Organization reopened. Its Owner and Admins are notified by email.",
)


def describe_mail(mail: OutgoingMail) -> Facts:
    return [("Email", mail.subject), ("To", mail.to), ("Failed with", mail.error)]


RESEND = StaffAction(
    name="resend",
    title="Send the email again",
    button="Send again",
    form=lambda data, mail: ActionForm(data),
    facts=describe_mail,
    perform=call_service(resend_mail, "mail"),
    done="The email is being sent again.",
    permission=RESEND_MAIL,
    is_open=can_be_resent,
)


def find_member(organization: Organization, reference: str) -> Membership:
    """Returns the member with that public id. Raises Http404 if there is none, and for staff."""
    memberships = organization.memberships.select_related("user", "organization")
    membership = memberships.filter(user__public_id=reference, user__is_staff=False).first()
    if membership is None:
        raise Http404
    return membership


def start_view_in_session(request: HttpRequest, membership: Membership, *, reason: str) -> str:
    view = start_view(actor=Actor.of(request), membership=membership, reason=reason)
    request.session[VIEW_AS] = view.public_id
    return reverse("organization", args=[membership.organization.slug])


VIEW_AS_MEMBER = StaffAction(
    name="view-as",
    tail="<token:reference>/",
    title="View as a member",
    button="View for 30 minutes",
    subject=find_member,
    form=lambda data, membership: ReasonForm(
        data,
        help_text="The customer sees it in their audit log immediately, with your email address.",
    ),
    facts=lambda membership: [
        ("Organization", membership.organization.name),
        ("Member", membership.user),
        ("Role", membership.get_role_display()),
    ],
    perform=start_view_in_session,
    done="You now see what the member sees. You can't change anything.",
)
