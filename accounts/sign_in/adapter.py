"""The adapter that connects django-allauth to our services."""

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.sites.shortcuts import get_current_site
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from accounts.access.recent_password import remember_password_entry
from accounts.actors import Actor
from accounts.email_addresses import normalize_email
from accounts.models import Invitation, User
from accounts.models.invitation import Link
from accounts.models.principals import Principal
from accounts.outbox import queue_text
from accounts.people.services.people import sign_up
from accounts.sign_in.browsers import is_recognized, remember_browser
from accounts.sign_in.services import record_sign_in, set_new_password
from accounts.sign_in.tasks import failed_sign_in
from accounts.web.client_ip import get_client_ip, get_client_network


class AccountAdapter(DefaultAccountAdapter):
    """Hooks of django-allauth. The rules are in services."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """SIGNUP is open for everyone, invite for invitees only, or closed."""
        if settings.SIGNUP == "invite":
            return find_sign_up_invitation(request) is not None
        return bool(settings.SIGNUP == "open")

    def get_client_ip(self, request: HttpRequest) -> str:
        """What failures and sign-ups are counted by: a customer's whole network for IPv6."""
        return get_client_network(get_client_ip(request))

    def clean_email(self, email: str) -> str:
        return normalize_email(email)

    def save_user(
        self,
        request: HttpRequest,
        user: AbstractBaseUser,
        form: Any,
        commit: bool = True,  # noqa: FBT001, FBT002  (allauth's signature)
    ) -> AbstractBaseUser:
        """Fills in the new user from the form and saves them with a home organization."""
        assert isinstance(user, User)
        user.email = form.cleaned_data["email"]
        user.name = form.cleaned_data["name"]
        user.set_password(form.cleaned_data["password1"])
        sign_up(actor=Actor.of(request), user=user, invitation=form.invitation)
        return user

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queues the email, with links on BASE_URL instead of the request's Host header.

        A request neither waits for the mail server nor loses an email because of it.
        """
        urls = {
            name: settings.BASE_URL + urlsplit(value).path
            for name, value in context.items()
            if name.endswith("_url")
        }
        request = allauth_context.request
        defaults = {"request": request, "email": email, "current_site": get_current_site(request)}
        message = self.render_mail(template_prefix, email, {**defaults, **context, **urls})
        queue_text(email, message.subject, str(message.body))

    def post_login(
        self, request: HttpRequest, user: AbstractBaseUser, *, signup: bool, **hooks: Any
    ) -> HttpResponse:
        """Records the sign-in, and notifies the user of a new browser unless they just signed up."""
        response: HttpResponse = super().post_login(request, user, signup=signup, **hooks)
        assert isinstance(user, User)
        record_sign_in(
            actor=Actor.of(request),
            browser=request.headers.get("User-Agent", ""),
            is_new=not signup and not is_recognized(request, user),
        )
        remember_browser(request, response, user)
        return response

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """Remembers when the password was entered. Asking for it again goes through here too."""
        try:
            user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        except DatabaseError:
            # The password was not found to be wrong, so this is no failure that counts.
            self._rollback_login_failed_rl_usage()
            raise
        if isinstance(user, User):
            remember_password_entry(request, user)
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Lets the worker record the failure, so that the response time is the same for unknown addresses."""
        user = User.objects.filter(email=normalize_email(credentials.get("email", ""))).first()
        actor = Actor.of(request)
        failed_sign_in.enqueue(user.pk if user else 0, actor.ip, actor.request_id)

    def set_password(
        self, user: AbstractBaseUser, password: str, *, revoke_tokens: bool = True
    ) -> None:
        """Changes or resets the password and ends what the old one gave; see `set_new_password`."""
        assert isinstance(user, User)
        actor = Actor.of(allauth_context.request).acting_as(Principal.of_user(user))
        set_new_password(actor=actor, user=user, password=password, revoke_tokens=revoke_tokens)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Failures count per account and IP address, so that no one can lock a user out from elsewhere."""
        key = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{key}:{self.get_client_ip(request)}"


def find_sign_up_invitation(request: HttpRequest) -> tuple[Invitation, Link] | None:
    """Returns the open invitation in the sign-up page's URL and which of its links it is, if any."""
    invitation_and_link = Invitation.objects.by_token(request.GET.get("invitation", ""))
    if invitation_and_link is None:
        return None
    invitation, _ = invitation_and_link
    return None if invitation.is_expired or not invitation.is_pending else invitation_and_link
