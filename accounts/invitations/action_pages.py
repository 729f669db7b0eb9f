"""What managers do with a pending invitation, to an organization or to a project: the pages of it.

Each gets the invitation, the act, and the context of its caller, whose `cancel_url` is the list.
"""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.forms import ActionForm, get_form_data
from accounts.models import Invitation

Context = dict[str, object]


def show_resend_page(
    request: HttpRequest, invitation: Invitation, act: Callable[[], None], context: Context
) -> HttpResponse:
    form = ActionForm(get_form_data(request))
    if form.is_bound and form.perform(act):
        messages.success(request, f"Invitation sent to {invitation.email} again.")
        return redirect(str(context["cancel_url"]))
    context = {**context, "invitation": invitation, "form": form}
    return render(request, "accounts/invitations/resend.html", context, status=form.status)


def show_withdraw_page(
    request: HttpRequest, invitation: Invitation, act: Callable[[], None], context: Context
) -> HttpResponse:
    form = ActionForm(get_form_data(request))
    if form.is_bound and form.perform(act):
        messages.success(request, f"The invitation to {invitation.email} is withdrawn.")
        return redirect(str(context["cancel_url"]))
    context = {**context, "invitation": invitation, "form": form}
    return render(request, "accounts/invitations/withdraw.html", context, status=form.status)


def show_link_page(
    request: HttpRequest, invitation: Invitation, act: Callable[[], str], context: Context
) -> HttpResponse:
    """POST shows the link and audits it: whoever holds it can try to use it. GET only asks."""
    form = ActionForm(get_form_data(request))
    link = form.result if form.is_bound and form.perform(act) else ""
    context = {**context, "invitation": invitation, "form": form, "link": link}
    status = 200 if link else form.status
    return render(request, "accounts/invitations/link.html", context, status=status)
