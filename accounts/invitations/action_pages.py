"""Pages on which managers resend, withdraw or copy a pending invitation, to an organization or a project.

Each takes the invitation, the service to call, and the caller's context, whose `cancel_url` is the list.
"""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.forms import ActionForm, get_form_data
from accounts.models import Invitation

Context = dict[str, object]


def show_resend_page(
    request: HttpRequest, invitation: Invitation, action: Callable[[], None], context: Context
) -> HttpResponse:
    form = ActionForm(get_form_data(request))
    if form.is_bound and form.perform(action):
        messages.success(request, f"Invitation to {invitation.email} resent.")
        return redirect(str(context["cancel_url"]))
    context = {**context, "invitation": invitation, "form": form}
    return render(request, "accounts/invitations/resend.html", context, status=form.status)


def show_withdraw_page(
    request: HttpRequest, invitation: Invitation, action: Callable[[], None], context: Context
) -> HttpResponse:
    form = ActionForm(get_form_data(request))
    if form.is_bound and form.perform(action):
        messages.success(request, f"Invitation to {invitation.email} withdrawn.")
        return redirect(str(context["cancel_url"]))
    context = {**context, "invitation": invitation, "form": form}
    return render(request, "accounts/invitations/withdraw.html", context, status=form.status)


def show_link_page(
    request: HttpRequest, invitation: Invitation, action: Callable[[], str], context: Context
) -> HttpResponse:
    """POST shows the link and records that, because anyone with the link can try it. GET only asks."""
    form = ActionForm(get_form_data(request))
    link = form.result if form.is_bound and form.perform(action) else ""
    context = {**context, "invitation": invitation, "form": form, "link": link}
    status = 200 if link else form.status
    return render(request, "accounts/invitations/link.html", context, status=status)
