"""The page that sets the end date of a collaborator's access."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.actors import Actor
from accounts.forms import get_form_data
from accounts.permissions import Permission
from accounts.web.formatting import format_day
from projects.access import ProjectAccess, project_page
from projects.collaborator_views import build_context, find_target, get_list_url
from projects.forms import EndDateForm
from projects.models import Collaborator
from projects.services.endings import may_set_end, set_end_date


@project_page(Permission.COLLABORATORS_MANAGE, title="End date", nav="collaborators")
def end_date(request: HttpRequest, access: ProjectAccess, reference: str) -> HttpResponse:
    row, actor = find_target(access, reference), Actor.of(request)
    if not may_set_end(access, row):
        raise PermissionDenied
    form = EndDateForm(get_form_data(request), initial={"end_date": row.end_date})
    if form.is_bound and form.perform(
        lambda **data: set_end_date(actor=actor, collaborator=row, **data)
    ):
        messages.success(request, describe_end(form.result, access))
        return redirect(get_list_url(access.project))
    context = build_context(
        access,
        form=form,
        row=row,
        collaborator=row.user,
        keeps_access=row.keeps_access,
        keys=access.project.api_keys.made_by(row.user).active().count(),
    )
    return render(request, "projects/collaborator_end_date.html", context, status=form.status)


def describe_end(row: Collaborator, access: ProjectAccess) -> str:
    if row.end_date is None:
        return f"{row.user.name} now has access to {access.project.name} without an end date."
    return f"{row.user.name} has access to {access.project.name} until {format_day(row.end_date)}."
