"""Our answers to django-allauth: who may sign up, what a new user needs, where links point."""

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.sites.shortcuts import get_current_site
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from accounts.actors import Actor, client_ip
from accounts.enums import Action
from accounts.models import Invitation, User
from accounts.models.invitation import Link
from accounts.models.principals import Principal
from accounts.outbox import queue_text
from accounts.people.services.people import sign_up
from accounts.sign_in.browsers import is_recognized, remember_browser
from accounts.sign_in.services import record_for_user, record_sign_in
from accounts.sign_in.tasks import failed_sign_in
from accounts.validators import normalize_email


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Hooks of django-allauth; the rules themselves are in services."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """SIGNUP=open lets everybody in, invite only who brings an invitation, closed nobody."""
        if settings.SIGNUP == "invite":
            return find_sign_up_invitation(request) is not None
        return bool(settings.SIGNUP == "open")

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_ip(request)

    def clean_email(self, email: str) -> str:
        return normalize_email(email)

    def save_user(
        self,
        request: HttpRequest,
        user: AbstractBaseUser,
        form: Any,
        commit: bool = True,  # noqa: FBT001, FBT002  (allauth's signature)
    ) -> AbstractBaseUser:
        """Fills the new user from the form and saves them with the home they need."""
        assert isinstance(user, User)
        user.email = form.cleaned_data["email"]
        user.name = form.cleaned_data["name"]
        user.set_password(form.cleaned_data["password1"])
        sign_up(actor=Actor.of(request), user=user, invitation=form.invitation)
        return user

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Into the outbox, with every address in it on the configured host; allauth takes the request's.

        No request waits for a mail server, and none loses a mail to it.
        """
        addresses = {
            name: settings.BASE_URL + urlsplit(value).path
            for name, value in context.items()
            if name.endswith("_url")
        }
        request = allauth_context.request
        known = {"request": request, "email": email, "current_site": get_current_site(request)}
        message = self.render_mail(template_prefix, email, {**known, **context, **addresses})
        queue_text(email, message.subject, str(message.body))

    def post_login(
        self, request: HttpRequest, user: AbstractBaseUser, *, signup: bool, **hooks: Any
    ) -> HttpResponse:
        """Notes the sign-in; a browser not seen before is told of by mail, unless they just signed up."""
        response: HttpResponse = super().post_login(request, user, signup=signup, **hooks)
        assert isinstance(user, User)
        record_sign_in(
            actor=Actor.of(request),
            browser=request.headers.get("User-Agent", ""),
            is_new=not signup and not is_recognized(request, user),
        )
        remember_browser(request, response, user)
        return response

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Leaves the noting to the worker, for unknown addresses too: all are answered in the same time."""
        user = User.objects.filter(email=normalize_email(credentials.get("email", ""))).first()
        actor = Actor.of(request)
        failed_sign_in.enqueue(user.pk if user else 0, actor.ip, actor.request_id)

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """Changed or reset: noted in the same transaction."""
        assert isinstance(user, User)
        with transaction.atomic():
            super().set_password(user, password)
            user.terminal_sessions.all().end_for_new_password()
            actor = Actor.of(allauth_context.request).acting_as(Principal.of_user(user))
            record_for_user(actor=actor, act=Action.PASSWORD_CHANGED, user=user)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Failures count per account and address, so that nobody locks a person out from elsewhere."""
        key = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{key}:{client_ip(request)}"


def find_sign_up_invitation(request: HttpRequest) -> tuple[Invitation, Link] | None:
    """The open invitation a sign-up page was reached with, and by which link; None without one."""
    found = Invitation.objects.by_token(request.GET.get("invitation", ""))
    return found if found and found[0].is_pending and not found[0].is_expired else None
