"""Lets support staff view pages as a member."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from accounts.access.decorators import READ_METHODS, AccessControl
from accounts.actors import Actor
from accounts.models import User, ViewAs
from accounts.support.services.viewing import VIEW_AS, end_view
from console.web import errors

READ_ONLY = "You are viewing as {0}, so you cannot change anything. Stop viewing first."


class ViewAsMiddleware:
    """Replaces `request.user` with the member on pages of the member's organization.

    On other pages, such as Django admin and the profile, staff remain themselves.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        control: AccessControl = getattr(view, "access_control", AccessControl("anybody"))
        if not (control.viewable or control.permission) or VIEW_AS not in request.session:
            return None
        viewing = find_view(request)
        if viewing is None:
            del request.session[VIEW_AS]
            return None
        if not viewing.may_go_on:
            return end_expired(request, viewing)
        if request.method not in READ_METHODS:
            return errors.answer(request, 403, text=READ_ONLY.format(viewing.user.email))
        request.user = viewing.user
        vars(request).update(view_as=viewing)
        return None


def find_view(request: HttpRequest) -> ViewAs | None:
    """Returns the unended view of this session and person, or None. It may have expired."""
    if not isinstance(request.user, User):
        return None
    views = request.user.views_as.unended().with_people()
    return views.filter(public_id=request.session[VIEW_AS]).first()


def end_expired(request: HttpRequest, viewing: ViewAs) -> HttpResponse:
    """Ends the view, with a message."""
    end_view(actor=Actor.of(request), view=viewing)
    del request.session[VIEW_AS]
    messages.warning(request, f"Viewing as {viewing.user.email} has ended.")
    return redirect("home")
