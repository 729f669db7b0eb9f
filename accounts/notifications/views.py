"""The page on which users turn emails on and off."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.access.decorators import FORM_METHODS, signed_in_page
from accounts.actors import Actor
from accounts.enums import Notification
from accounts.forms import NotificationsForm, get_form_data
from accounts.notifications.services import change_notifications, get_muted_kinds, list_kinds


@signed_in_page(*FORM_METHODS, title="Notifications", in_search=True)
def notifications(request: HttpRequest) -> HttpResponse:
    actor = Actor.of(request)
    enabled = set(Notification.values) - get_muted_kinds(actor.person)
    kinds = list_kinds(actor.person)
    form = NotificationsForm(get_form_data(request), kinds=kinds, enabled=enabled)
    if form.is_bound and form.perform(lambda **data: change_notifications(actor=actor, **data)):
        messages.success(request, "Notification settings saved.")
        return redirect("notifications")
    return render(
        request, "accounts/notifications/settings.html", {"form": form}, status=form.status
    )
