"""The adapter that connects django-allauth to our services."""

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.core import context as allauth_context
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.sites.shortcuts import get_current_site
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.access.freshness import Proof, is_fresh, remember_proof
from accounts.access.organization import lock_person
from accounts.actors import Actor, current_row
from accounts.email_addresses import normalize_email
from accounts.factors.code_limits import forget_attempts
from accounts.models import Invitation, User, UserSession
from accounts.models.invitation import Link
from accounts.models.principals import Principal
from accounts.outbox import queue_text
from accounts.people.services.people import sign_up
from accounts.sessions.tracking import start_session
from accounts.sign_in.browsers import is_recognized, remember_browser
from accounts.sign_in.services import record_sign_in, set_new_password
from accounts.sign_in.stages import begin_sign_in, find_method, is_overtaken, needs_second_factor
from accounts.sign_in.tasks import failed_sign_in
from accounts.web.client_ip import get_client_ip, get_client_network

SIGN_IN_AGAIN = "Your account has changed since you began to sign in. Sign in again."
LOGIN_STAGES = {"allauth.mfa.stages.AuthenticateStage": "accounts.sign_in.stages.SecondFactorStage"}


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

    def get_login_stages(self) -> list[str]:
        """Ours in place of the library's step for second factors."""
        stages: list[str] = super().get_login_stages()
        return [LOGIN_STAGES.get(stage, stage) for stage in stages]

    def is_reauthentication_required(self, *, app: str, **options: Any) -> bool:
        return not is_fresh(allauth_context.request)

    def get_reauthentication_methods(self, user: AbstractBaseUser) -> list[dict[str, str]]:
        return [{"id": "reauthenticate", "url": reverse("account_reauthenticate")}]

    def pre_login(
        self, request: HttpRequest, user: AbstractBaseUser, **hooks: Any
    ) -> HttpResponse | None:
        """Keeps what the sign-in that now begins depends on; see `is_overtaken`."""
        assert isinstance(user, User)
        begin_sign_in(request, user)
        response: HttpResponse | None = super().pre_login(request, user, **hooks)
        return response

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Signs in, and saves the session's row in the same transaction.

        The password may have been changed or all sessions ended since it began; then it begins again. A
        second factor may have been added since the password was entered; then it is requested after all.
        """
        assert isinstance(user, User)
        with transaction.atomic():
            person = lock_person(user)
            if is_overtaken(request, person):
                clear_login(request)
                messages.error(request, SIGN_IN_AGAIN)
                raise ImmediateHttpResponse(redirect("account_login"))
            if needs_second_factor(request, person):
                raise ImmediateHttpResponse(redirect("account_login"))
            method = find_method(request, person)
            super().login(request, user)
            start_session(request, person, method)

    def logout(self, request: HttpRequest) -> None:
        UserSession.objects.filter(pk=current_row(request)).delete()
        super().logout(request)

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
            remember_proof(request, user, Proof.PASSWORD)
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
        request = allauth_context.request
        actor = Actor.of(request).acting_as(Principal.of_user(user))
        set_new_password(
            actor=actor,
            user=user,
            password=password,
            revoke_tokens=revoke_tokens,
        )
        forget_attempts(user)

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
