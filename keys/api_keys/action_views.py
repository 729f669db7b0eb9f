"""Pages of the actions on one API key, one page for each."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.errors import Withheld
from accounts.forms import ActionForm, get_form_data
from accounts.permissions import Permission
from accounts.web.formatting import format_day
from keys.api_keys.action_forms import RenameForm, RotateForm
from keys.api_keys.expiry import last_day
from keys.api_keys.forms import ExpiresForm
from keys.api_keys.locking import may_change_key, require_changeable
from keys.api_keys.services import (
    IssuedKey,
    cancel_expiration,
    finish_rotation,
    rename_key,
    revoke_key,
    rotate_key,
    set_expiration,
    undo_rotation,
    why_no_rotation,
    why_not_cancel,
    why_not_rotate,
)
from keys.api_keys.views import format_key_curl
from keys.models import ApiKey
from keys.policy.issuing import check_issuing
from projects.access import ProjectAccess, project_page

MANAGE = Permission.API_KEYS_MANAGE


def find_key(access: ProjectAccess, public_id: str) -> ApiKey:
    """Returns the key of the project with that id. Raises Http404 for others and for the Default Key."""
    keys = access.project.api_keys.listed().with_use().with_accounts().prefetch_related("secrets")
    key = keys.filter(public_id=public_id).first()
    if key is None:
        raise Http404
    return key


def find_changeable_key(access: ProjectAccess, public_id: str) -> ApiKey:
    """Returns the key as `find_key` does. Raises PermissionDenied if the caller may only end it."""
    key = find_key(access, public_id)
    require_changeable(access, key)
    return key


def build_context(access: ProjectAccess, key: ApiKey, **context: object) -> dict[str, object]:
    """Returns the context that the pages of all actions share, with `context` added."""
    return {
        "access": access,
        "project": access.project,
        "key": key,
        "why_not": key.why_final,
        "cancel_url": list_url(access),
        **context,
    }


def list_url(access: ProjectAccess) -> str:
    return reverse("api_keys", args=[access.project.slug])


def confirm(request: HttpRequest, access: ProjectAccess, message: str) -> HttpResponse:
    messages.success(request, message)
    return redirect(list_url(access))


@project_page(MANAGE, title="Rotate", nav="api_keys")
def rotate(request: HttpRequest, access: ProjectAccess, reference: str) -> HttpResponse:
    key, actor = find_key(access, reference), Actor.of(request)
    policy, why_not = check_issuing(access)
    # People who may not rotate keys can still see a running rotation, to finish or undo it.
    if not key.outgoing_secret():
        require_changeable(access, key)
        if why_not:
            raise Withheld(why_not)
    form = RotateForm(get_form_data(request), initial={"replaces": key.generation})
    if form.is_bound and form.perform(lambda **data: rotate_key(actor=actor, key=key, **data)):
        return show_new_secret(request, access, form.result)
    refused, status = form.non_field_errors(), form.status
    if form.conflict:
        key = find_key(access, reference)
        form = RotateForm(None, initial={"replaces": key.generation})
    context = build_context(
        access, key, form=form, refused=refused, why_not=why_not_rotate(key, policy)
    )
    context |= {"policy": policy, "new_end": policy.limit_end(key.expires_at, timezone.now())}
    context["may_undo"] = may_change_key(access, key)
    return render(request, "keys/api_keys/rotate.html", context, status=status)


def show_new_secret(request: HttpRequest, access: ProjectAccess, issued: IssuedKey) -> HttpResponse:
    """Renders the new secret, which is shown this once."""
    key, until = issued.key, issued.key.outgoing_until
    old_until = f"{format_day(until)}, {until:%H:%M} UTC" if until else ""
    context = build_context(
        access,
        key,
        secret=issued.secret,
        curl=format_key_curl(request, issued.secret),
        old=key.outgoing_secret(),
        old_until=old_until,
    )
    return render(request, "keys/api_keys/rotated.html", context)


@project_page(MANAGE, title="Finish rotation", nav="api_keys")
def finish(request: HttpRequest, access: ProjectAccess, reference: str) -> HttpResponse:
    key, actor, form = (
        find_key(access, reference),
        Actor.of(request),
        ActionForm(get_form_data(request)),
    )
    if form.is_bound and form.perform(lambda: finish_rotation(actor=actor, key=key)):
        return confirm(
            request, access, f"{key.name} has been rotated. Its old secret no longer works."
        )
    context = build_context(access, key, form=form, why_not=why_no_rotation(key))
    return render(request, "keys/api_keys/finish.html", context, status=form.status)


@project_page(MANAGE, title="Undo rotation", nav="api_keys")
def undo(request: HttpRequest, access: ProjectAccess, reference: str) -> HttpResponse:
    key, actor, form = (
        find_changeable_key(access, reference),
        Actor.of(request),
        ActionForm(get_form_data(request)),
    )
    if form.is_bound and form.perform(lambda: undo_rotation(actor=actor, key=key)):
        undone: ApiKey = form.result
        end = "" if undone.expires_at == key.expires_at else f" {describe_expiration(undone)}"
        message = f"The rotation of {key.name} was undone. Its old secret is current again.{end}"
        return confirm(request, access, message)
    context = build_context(access, key, form=form, why_not=why_no_rotation(key))
    return render(request, "keys/api_keys/undo.html", context, status=form.status)


@project_page(MANAGE, title="Set expiration", nav="api_keys")
def expiration(request: HttpRequest, access: ProjectAccess, reference: str) -> HttpResponse:
    key, actor = find_changeable_key(access, reference), Actor.of(request)
    policy, _ = check_issuing(access)
    form = ExpiresForm(
        get_form_data(request),
        policy=policy,
        secret_made_at=key.current_secret().created_at,
        expires_at=key.expires_at,
    )
    if form.is_bound and form.perform(lambda **data: set_expiration(actor=actor, key=key, **data)):
        return confirm(request, access, describe_expiration(form.result))
    context = build_context(access, key, form=form, may_cancel=not why_not_cancel(key, policy))
    return render(request, "keys/api_keys/expiration.html", context, status=form.status)


def describe_expiration(key: ApiKey) -> str:
    if key.expires_at is None:
        return f"{key.name} never expires."
    return f"{key.name} works until {format_day(last_day(key.expires_at))}."


@project_page(MANAGE, title="Cancel expiration", nav="api_keys")
def cancel_end(request: HttpRequest, access: ProjectAccess, reference: str) -> HttpResponse:
    key, actor = find_changeable_key(access, reference), Actor.of(request)
    policy, _ = check_issuing(access)
    form = ActionForm(get_form_data(request))
    if form.is_bound and form.perform(lambda: cancel_expiration(actor=actor, key=key)):
        return confirm(request, access, describe_expiration(form.result))
    context = build_context(access, key, form=form, why_not=why_not_cancel(key, policy))
    return render(request, "keys/api_keys/expiration_cancel.html", context, status=form.status)


@project_page(MANAGE, title="Rename", nav="api_keys")
def rename(request: HttpRequest, access: ProjectAccess, reference: str) -> HttpResponse:
    key, actor = find_changeable_key(access, reference), Actor.of(request)
    form = RenameForm(get_form_data(request), initial={"name": key.name})
    if form.is_bound and form.perform(lambda name: rename_key(actor=actor, key=key, name=name)):
        return confirm(request, access, f"{key.name} was renamed to {form.result.name}.")
    context = build_context(access, key, form=form)
    return render(request, "keys/api_keys/rename.html", context, status=form.status)


@project_page(MANAGE, title="Revoke", nav="api_keys")
def revoke(request: HttpRequest, access: ProjectAccess, reference: str) -> HttpResponse:
    key, actor, form = (
        find_key(access, reference),
        Actor.of(request),
        ActionForm(get_form_data(request)),
    )
    if form.is_bound and form.perform(lambda: revoke_key(actor=actor, key=key)):
        return confirm(request, access, f"{key.name} was revoked.")
    context = build_context(access, key, form=form)
    return render(request, "keys/api_keys/revoke.html", context, status=form.status)
