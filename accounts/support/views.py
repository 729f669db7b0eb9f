"""Pages for requests to support, and the end of viewing as a member."""

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.access.decorators import signed_in_page
from accounts.access.organization import OrganizationAccess, organization_page
from accounts.actors import Actor
from accounts.enums import SupportRequestKind
from accounts.forms import ActionForm, get_form_data
from accounts.models import Organization
from accounts.permissions import Permission
from accounts.support.forms import SupportRequestForm
from accounts.support.services.requests import request_support, withdraw_request
from accounts.support.services.viewing import VIEW_AS, end_view
from accounts.web.list_query import filter_text


@organization_page(Permission.SUPPORT_REQUEST, title="Request more projects", nav="projects")
def request_projects(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    return show_request_page(request, access, SupportRequestKind.PROJECTS)


@organization_page(
    Permission.SUPPORT_REQUEST, title="Request external collaborators", nav="organization_settings"
)
def request_externals(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    return show_request_page(request, access, SupportRequestKind.EXTERNALS)


def show_request_page(
    request: HttpRequest, access: OrganizationAccess, kind: SupportRequestKind
) -> HttpResponse:
    """Shows the state of the last request of this kind, and the form for a new one."""
    organization, actor = access.organization, Actor.of(request)
    back = get_list_url(organization, kind)
    form = SupportRequestForm(
        get_form_data(request), kind=kind, organization=organization, whom=read_whom(request)
    )
    if form.is_bound and form.perform_once(
        partial(request_support, actor=actor, organization=organization, kind=kind),
        actor=actor,
        locate=lambda _: back,
    ):
        return form.answer(request, lambda: "Request sent. Support will answer by email.")
    last = organization.support_requests.filter(kind=kind).order_by("-created_at", "-pk").first()
    externals = kind == SupportRequestKind.EXTERNALS
    context = {
        "access": access,
        "form": form,
        "cancel_url": back,
        "last": last,
        "enabled": externals and organization.external_collaborators_enabled,
    }
    return render(request, f"accounts/support/request_{kind}.html", context, status=form.status)


def read_whom(request: HttpRequest) -> str:
    """Returns whom the caller wanted to add when they learned that they have to ask support first."""
    return filter_text(request.GET.get("email", ""))


@organization_page(
    Permission.SUPPORT_REQUEST, title="Withdraw request", nav="organization_settings"
)
def withdraw(request: HttpRequest, access: OrganizationAccess, reference: str) -> HttpResponse:
    row = get_object_or_404(access.organization.support_requests, public_id=reference)
    form, back = ActionForm(get_form_data(request)), get_list_url(access.organization, row.kind)
    action = partial(withdraw_request, actor=Actor.of(request), request=row)
    if form.is_bound and form.perform(action):
        messages.success(request, "Request withdrawn.")
        return redirect(back)
    context = {"access": access, "form": form, "cancel_url": back, "row": row}
    return render(request, "accounts/support/withdraw.html", context, status=form.status)


def get_list_url(organization: Organization, kind: str) -> str:
    """Returns the page of the organization that shows a request of this kind while it waits."""
    name = "projects" if kind == SupportRequestKind.PROJECTS else "organization_settings"
    return reverse(name, args=[organization.slug])


@signed_in_page("POST", title="Stop viewing")
def end_view_as(request: HttpRequest) -> HttpResponse:
    """Stops viewing as a member and redirects to the organization in Django admin, else home."""
    actor, reference = Actor.of(request), request.session.pop(VIEW_AS, "")
    view = actor.person.views_as.with_people().filter(public_id=reference).first()
    if view is None:
        return redirect("home")
    end_view(actor=actor, view=view)
    messages.success(request, f"You no longer view as {view.user.email}.")
    return redirect("admin:accounts_organization_change", view.organization_id)
