"""Pages of saved views: saving the one that is shown, the list of one's own, renaming, deleting."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.access.decorators import FORM_METHODS, READ_METHODS, signed_in_page
from accounts.access.organization import OrganizationAccess, organization_page
from accounts.actors import Actor
from accounts.forms import ActionForm, get_form_data
from accounts.models.principals import Principal
from accounts.permissions import Permission
from projects.access import ProjectAccess, project_page
from usage.reports.filtering.filters import SETTINGS, list_filters, list_hidden_fields
from usage.reports.forms import ReportForm
from usage.reports.scope import UsageScope
from usage.saved_views.forms import ViewNameForm
from usage.saved_views.lists import find_own_view, list_views
from usage.saved_views.services import delete_view, rename_view, save_view


@project_page(Permission.USAGE_SEE, FORM_METHODS, title="Save view", nav="usage")
def usage_view_save(request: HttpRequest, access: ProjectAccess) -> HttpResponse:
    """Saves the query of a project's usage page, which is also that of this page."""
    return save_report(request, access, reverse("usage", args=[access.project.slug]))


@organization_page(
    Permission.COST_ANALYTICS_SEE, FORM_METHODS, title="Save view", nav="cost_analytics"
)
def cost_analytics_view_save(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    """Saves the query of an organization's cost analytics, like `usage_view_save`."""
    url = reverse("cost_analytics", args=[access.organization.slug])
    return save_report(request, access, url)


def save_report(
    request: HttpRequest, access: ProjectAccess | OrganizationAccess, report_path: str
) -> HttpResponse:
    """Asks for a name and saves the view. A report that cannot be opened shows what is wrong with it."""
    form = ViewNameForm(get_form_data(request))
    query = urlencode(list_hidden_fields(request.GET, [*SETTINGS, *list_filters(request.GET)]))
    report_url = f"{report_path}?{query}" if query else report_path
    today = timezone.now().date()
    if not ReportForm(request.GET, scope=UsageScope.of(access), today=today).is_valid():
        return redirect(report_url)
    target = access.project if isinstance(access, ProjectAccess) else access.organization
    actor = Actor.of(request)
    if form.is_bound and form.perform(
        lambda name: save_view(actor=actor, target=target, name=name, query=query)
    ):
        messages.success(request, f"{form.result.name} was saved.")
        return redirect(form.result.url)
    context = {"form": form, "cancel_url": report_url}
    return render(request, "usage/saved_views/save.html", context, status=form.status)


@signed_in_page(*READ_METHODS, title="Saved views")
def saved_views(request: HttpRequest) -> HttpResponse:
    """Shows the person's own views of usage."""
    context = {"rows": list_views(Principal.of_request(request))}
    return render(request, "usage/saved_views/list.html", context)


@signed_in_page(*FORM_METHODS, title="Rename view")
def rename(request: HttpRequest, reference: str) -> HttpResponse:
    actor, view = Actor.of(request), find_own_view(Actor.of(request).person, reference)
    form = ViewNameForm(get_form_data(request), initial={"name": view.name})
    if form.is_bound and form.perform(lambda name: rename_view(actor=actor, view=view, name=name)):
        messages.success(request, "The view was renamed.")
        return redirect("saved_views")
    context = {"form": form, "view": view, "cancel_url": reverse("saved_views")}
    return render(request, "usage/saved_views/rename.html", context, status=form.status)


@signed_in_page(*FORM_METHODS, title="Delete view")
def delete(request: HttpRequest, reference: str) -> HttpResponse:
    actor, view = Actor.of(request), find_own_view(Actor.of(request).person, reference)
    form = ActionForm(get_form_data(request))
    if form.is_bound and form.perform(lambda: delete_view(actor=actor, view=view)):
        messages.success(request, f"{view.name} was deleted.")
        return redirect("saved_views")
    context = {"form": form, "view": view, "cancel_url": reverse("saved_views")}
    return render(request, "usage/saved_views/delete.html", context, status=form.status)
