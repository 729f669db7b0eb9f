"""The four grants of the token endpoint: one function each, which returns tokens or raises GrantRefused."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.access.organization import lock_person
from accounts.actors import Actor
from keys.clients import OAuthClient
from keys.enums import LoginState, SessionEnd
from keys.formats import Prefix, is_access_token, is_secret
from keys.models import AccessToken, DeviceLogin, TerminalSession
from keys.models.terminal import SESSION_LIFETIME
from keys.models.token import IssuedTokens
from keys.terminals.access import usable_projects, why_not_usable
from keys.terminals.services.sessions import end_automatically
from projects.models import Project

WRONG_CODE = "This login doesn't exist. Start again in the terminal."
ENDED = "This login was ended. Start again in the terminal."
TAKEN = "This login has already issued its tokens. Start again in the terminal."
WRONG_REFRESH = "This refresh token doesn't exist. Log in again."
REUSED = "This refresh token was used before, so the login was ended. Log in again."
UNBOUND = "This access token doesn't belong to this refresh token."
NO_LOGIN = "The subject token is not the access token of a login."
NO_PROJECT_TOKEN = "This project token doesn't exist."  # noqa: S105  (a sentence)


class GrantRefused(Exception):
    """A refused grant. `error` is a code of RFC 6749, 8628 or 8693; `interval` is in seconds."""

    def __init__(self, error: str, description: str, *, interval: int | None = None) -> None:
        super().__init__(error, description)
        self.error, self.description, self.interval = error, description, interval


def invalid_grant(description: str) -> GrantRefused:
    return GrantRefused("invalid_grant", description)


def redeem_device_code(*, client: OAuthClient, device_code: str) -> IssuedTokens:
    """Returns the tokens of an approved login, once. Raises GrantRefused before approval and afterwards."""
    logins = DeviceLogin.objects.select_related("decided_by").filter(client_id=client.id)
    login = (
        logins.with_secret(device_code).first() if is_secret(Prefix.DEVICE, device_code) else None
    )
    if login is None:
        raise invalid_grant(WRONG_CODE)
    if login.state == LoginState.USED:
        raise invalid_grant(TAKEN)
    if login.state == LoginState.DENIED:
        raise GrantRefused("access_denied", "The login was denied in the browser.")
    if login.is_over:
        raise GrantRefused("expired_token", "This login was not approved in time. Start again.")
    if login.state == LoginState.APPROVED:
        return create_session(login)
    if not DeviceLogin.objects.filter(pk=login.pk).poll(interval=login.interval):
        login.refresh_from_db(fields=["interval"])
        slower = f"Ask again in {login.interval} seconds."
        raise GrantRefused("slow_down", slower, interval=login.interval)
    raise GrantRefused("authorization_pending", "The login waits for approval in the browser.")


@transaction.atomic
def create_session(login: DeviceLogin) -> IssuedTokens:
    """Creates the session of an approved login and returns its first tokens.

    Raises GrantRefused if another request has done so, if the login was ended after its approval, or if
    the user's account is no longer active.
    """
    assert login.decided_by is not None
    try:
        # An action that ends the user's logins at this moment holds this lock, or waits for it.
        user = lock_person(login.decided_by)
    except PermissionDenied:
        raise invalid_grant(ENDED) from None
    if not DeviceLogin.objects.filter(pk=login.pk).take():
        raise invalid_grant(TAKEN)
    session = TerminalSession(
        user=user,
        device_login=login,
        client_id=login.client_id,
        agent=login.agent,
        ip=login.ip,
    )
    session.expires_at = session.created_at + SESSION_LIFETIME
    if reason := session.why_over:  # such as a deleted account
        raise invalid_grant(reason)
    session.save(force_insert=True)
    return AccessToken.objects.issue_pair(session)


def lock_session(session: TerminalSession) -> None:
    """Locks the session before it gets a token. Raises GrantRefused if it has ended."""
    if reason := TerminalSession.objects.lock(session.pk).why_over:
        raise invalid_grant(reason)


def redeem_refresh_token(
    *, actor: Actor, client: OAuthClient, refresh_token: str, access_token: str
) -> IssuedTokens:
    """Returns the next pair of tokens. Reusing a pair suggests theft and ends the login."""
    pairs = AccessToken.objects.with_people().filter(session__client_id=client.id)
    is_refresh_token = is_secret(Prefix.REFRESH, refresh_token)
    pair = pairs.with_refresh_token(refresh_token).first() if is_refresh_token else None
    if pair is None:
        raise invalid_grant(WRONG_REFRESH)
    if reason := pair.session.why_over:
        raise invalid_grant(reason)
    renewed = None
    if not pair.ended_at:
        if not pair.is_text(access_token):
            raise invalid_grant(UNBOUND)
        renewed = renew_pair(pair)
    if renewed is None:
        end_automatically(actor=actor, session=pair.session, because=SessionEnd.REUSE)
        raise invalid_grant(REUSED)
    return renewed


@transaction.atomic
def renew_pair(pair: AccessToken) -> IssuedTokens | None:
    """Returns the next pair; None if another request has renewed this one."""
    lock_session(pair.session)
    if not AccessToken.objects.filter(pk=pair.pk).end():
        return None
    return AccessToken.objects.issue_pair(pair.session)


def exchange_for_project_token(
    *, client: OAuthClient, subject_token: str, resource: str
) -> IssuedTokens:
    """Returns a token for a project that the login's user can use now. Raises GrantRefused otherwise."""
    logins = AccessToken.objects.with_people().of_logins().filter(session__client_id=client.id)
    login = logins.with_secret(subject_token).first() if is_access_token(subject_token) else None
    if login is None:
        raise invalid_grant(NO_LOGIN)
    if reason := login.why_over:
        raise invalid_grant(reason)
    project = usable_projects(login.session.user).filter(public_id=resource).first()
    if project is None:
        raise invalid_grant(why_not_usable(login.session.user, resource))
    return issue_project_token(login.session, project)


@transaction.atomic
def issue_project_token(session: TerminalSession, project: Project) -> IssuedTokens:
    lock_session(session)
    return AccessToken.objects.issue_for_project(session, project)


def renew_project_token(*, client: OAuthClient, access_token: str) -> IssuedTokens:
    """Returns the next token of the same project for one that may have expired, while its login is valid."""
    tokens = AccessToken.objects.with_people().of_projects().filter(session__client_id=client.id)
    token = tokens.with_secret(access_token).first() if is_access_token(access_token) else None
    if token is None or token.ended_at:
        raise invalid_grant(token.why_over if token else NO_PROJECT_TOKEN)
    if reason := token.session.why_over:
        raise invalid_grant(reason)
    project = usable_projects(token.session.user).filter(pk=token.project_id).first()
    if project is None:
        requested = Project.objects.get(pk=token.project_id)
        raise invalid_grant(why_not_usable(token.session.user, requested.public_id))
    return issue_project_token(token.session, project)
