"""Pages of the limits of a project, and of one of its API keys."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.actors import Actor
from accounts.forms import get_form_data
from accounts.permissions import Permission
from keys.api_keys.action_views import find_key
from keys.models import ApiKey, RequestLimits
from keys.request_limits.forms import LimitsForm
from keys.request_limits.lists import describe_limits, list_limited_keys
from keys.request_limits.services import change_limits
from projects.access import ProjectAccess, project_page
from projects.models import Project

SEE, MANAGE = Permission.PROJECT_LIMITS_SEE, Permission.PROJECT_LIMITS_MANAGE


@project_page(SEE, title="Limits")
def project_limits(request: HttpRequest, access: ProjectAccess) -> HttpResponse:
    require_permission(request, access)
    form = LimitsForm(get_form_data(request), limits=RequestLimits.of(access.project))
    if form.is_bound and save(request, access.project, form):
        messages.success(request, "Limits saved.")
        return redirect("project_limits", access.project.slug)
    context = build_context(access, access.project, form) | list_limited_keys(access)
    return render(request, "keys/request_limits/project.html", context, status=form.status)


@project_page(SEE, title="Limits", nav="api_keys")
def key_limits(request: HttpRequest, access: ProjectAccess, reference: str) -> HttpResponse:
    require_permission(request, access)
    key = find_key(access, reference)
    form = LimitsForm(get_form_data(request), limits=RequestLimits.of(key))
    if form.is_bound and save(request, key, form):
        messages.success(request, f"The limits of {key.name} were saved.")
        return redirect("api_keys", access.project.slug)
    context = build_context(access, key, form) | {
        "key": key,
        "cancel_url": reverse("api_keys", args=[access.project.slug]),
        "shared": describe_limits(RequestLimits.of(access.project)),
    }
    return render(request, "keys/request_limits/key.html", context, status=form.status)


def require_permission(request: HttpRequest, access: ProjectAccess) -> None:
    """Raises PermissionDenied if the form was sent by someone who may only see the limits."""
    if request.method == "POST":
        access.require(MANAGE)


def save(request: HttpRequest, subject: Project | ApiKey, form: LimitsForm) -> bool:
    actor = Actor.of(request)
    return form.perform(lambda **data: change_limits(actor=actor, subject=subject, **data))


def build_context(
    access: ProjectAccess, subject: Project | ApiKey, form: LimitsForm
) -> dict[str, Any]:
    is_final = isinstance(subject, ApiKey) and bool(subject.why_final)
    return {
        "access": access,
        "project": access.project,
        "form": form,
        "limits": describe_limits(RequestLimits.of(subject)),
        "may_change": access.may.project_limits_manage and not is_final,
    }
