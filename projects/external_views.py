"""Pages that vouch for an external collaborator and remove all of them."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.actors import Actor
from accounts.forms import ActionForm, get_form_data
from accounts.permissions import Permission
from projects.access import ProjectAccess, project_page
from projects.collaborator_views import build_context, get_list_url
from projects.forms import RemoveAllExternalsForm
from projects.models import Project
from projects.services.externals import (
    external_accounts,
    keys_of_externals,
    pending_invitations,
    remove_externals,
    vouch_for,
    why_keep_externals,
)

MANAGE = Permission.EXTERNALS_MANAGE
NAMED = 50


@project_page(MANAGE, title="Vouch", nav="collaborators")
def vouch(request: HttpRequest, access: ProjectAccess, reference: str) -> HttpResponse:
    externals = access.project.collaborators.external().with_people().with_vouchers()
    row = externals.select_related("project").filter(public_id=reference).first()
    if row is None:
        raise Http404
    form, actor = ActionForm(get_form_data(request)), Actor.of(request)
    if form.is_bound and form.perform(lambda: vouch_for(actor=actor, collaborator=row)):
        messages.success(request, f"You now vouch for {row.user.name}.")
        return redirect(get_list_url(access.project))
    context = build_context(access, form=form, row=row, collaborator=row.user)
    return render(request, "projects/collaborator_vouch.html", context, status=form.status)


@project_page(MANAGE, title="Remove all externals", nav="collaborators")
def remove_all(request: HttpRequest, access: ProjectAccess) -> HttpResponse:
    keys, actor = keys_of_externals(access.project), Actor.of(request)
    form = RemoveAllExternalsForm(get_form_data(request))
    if form.is_bound and form.perform(
        lambda **data: remove_externals(actor=actor, project=access.project, **data)
    ):
        messages.success(request, f"{access.project.name} no longer has external collaborators.")
        return redirect(get_list_url(access.project))
    context = build_context(access, form=form, keys=keys, **build_preview(access.project))
    template = "projects/collaborators_remove_externals.html"
    return render(request, template, context, status=form.status)


def build_preview(project: Project) -> dict[str, object]:
    """Returns the people and accounts that would be removed, and the invitations that would be withdrawn."""
    externals = project.collaborators.external().with_people().order_by("added_at", "pk")
    invited = pending_invitations(project).order_by("-sent_at", "pk")
    number, invited_number = externals.count(), invited.count()
    return {
        "why_not": why_keep_externals(project, remove_accounts=True),
        "accounts": external_accounts(project).with_creators().order_by("search_text", "pk"),
        "externals": externals[:NAMED],
        "number": number,
        "more": max(number - NAMED, 0),
        "invited": invited[:NAMED],
        "invited_number": invited_number,
        "invited_more": max(invited_number - NAMED, 0),
    }
