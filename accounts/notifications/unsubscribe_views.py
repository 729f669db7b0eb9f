"""The page behind the `List-Unsubscribe` link of emails that a user can turn off (RFC 8058)."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt

from accounts.access.decorators import FORM_METHODS, public_page
from accounts.actors import Actor
from accounts.enums import Notification
from accounts.models.principals import Principal
from accounts.notifications.services import mute_notification
from accounts.unsubscribe import find_unsubscribing_user


@csrf_exempt  # mail programs post to it by themselves; the link proves that the email was read
@public_page(*FORM_METHODS, title="Turn off emails")
def unsubscribe(request: HttpRequest, reference: str, kind: str, mac: str) -> HttpResponse:
    """GET asks; POST turns the kind of email off. Raises Http404 for a link that is not ours."""
    user = find_unsubscribing_user(reference, kind, mac)
    if user is None:
        raise Http404
    notification = Notification(kind)
    if request.method == "POST":
        actor = Actor.of(request).acting_as(Principal.of_user(user))
        mute_notification(actor=actor, kind=notification)
        messages.success(request, "You won't get these emails any more.")
        return redirect("notifications")
    return render(request, "accounts/notifications/unsubscribe.html", {"kind": notification.label})
