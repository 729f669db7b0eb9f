"""Logins of terminals: requested, approved or denied, and ended."""

import datetime as dt
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import Http404
from django.utils import timezone

from accounts.access.organization import lock_organization, lock_person, lock_signed_in_person
from accounts.actors import Actor
from accounts.audit.personal import record_for_user
from accounts.audit.writer import normalize_ip, record
from accounts.enums import Action
from accounts.errors import Conflict
from accounts.models import Organization, User
from accounts.models.principals import Principal
from accounts.outbox import notify
from accounts.permissions import Permission
from keys.clients import OAuthClient
from keys.enums import LoginState, SessionEnd
from keys.formats import Prefix, is_access_token, is_secret, new_secret, new_user_code
from keys.models import AccessToken, DeviceLogin, KeyPolicy, TerminalSession
from keys.models.terminal import AGENT_LENGTH, CODE_LIFETIME

ANSWERED = (
    "This login was already approved or denied, or it has expired. Start again in the terminal."
)
# How long expired rows are kept. A project's token can be renewed until it is deleted.
KEPT_LOGINS, KEPT_TOKENS = dt.timedelta(days=1), dt.timedelta(days=30)
TRIES = 5


@dataclass(frozen=True)
class BegunLogin:
    """A login that a terminal requests, with both of its codes, which are stored nowhere."""

    login: DeviceLogin
    device_code: str = field(repr=False)
    user_code: str = field(repr=False)


def begin_login(*, actor: Actor, client: OAuthClient, agent: str) -> BegunLogin:
    """Begins a login; `agent` is what the program calls itself."""
    for last in (*[False] * (TRIES - 1), True):
        login = DeviceLogin(client_id=client.id, ip=normalize_ip(actor.ip))
        login.agent = "".join(character for character in agent if character.isprintable())[
            :AGENT_LENGTH
        ]
        login.expires_at = login.created_at + CODE_LIFETIME
        device_code, user_code = new_secret(Prefix.DEVICE), new_user_code()
        login.set_secret(device_code)
        login.set_user_code(user_code)
        try:
            with transaction.atomic():
                login.save(force_insert=True)
        except IntegrityError:  # another login has the same short code
            if last:
                raise
            continue
        return BegunLogin(login, device_code, user_code)
    raise AssertionError  # the loop ends before


@transaction.atomic
def approve_login(*, actor: Actor, login: DeviceLogin) -> None:
    """Approves the login as the actor, who is notified by email. Raises Conflict if it is not pending."""
    person = lock_signed_in_person(actor)
    decide(actor, login, LoginState.APPROVED, person)
    notify(
        person,
        "A terminal was signed in to your account",
        "keys/mail/terminal_approved.txt",
        login=login,
        actor=actor,
        at=timezone.now(),
    )


@transaction.atomic
def deny_login(*, actor: Actor, login: DeviceLogin) -> None:
    """Denies the login for good. Raises Conflict if it is not pending."""
    decide(actor, login, LoginState.DENIED, lock_person(actor.person))


def decide(actor: Actor, login: DeviceLogin, state: LoginState, person: User) -> None:
    if not DeviceLogin.objects.filter(pk=login.pk).decide(state, person):
        raise Conflict(ANSWERED)
    act = Action.TERMINAL_APPROVED if state == LoginState.APPROVED else Action.TERMINAL_DENIED
    origin = {"client": login.client, "asked_from": login.ip}
    record_for_user(actor=actor, action=act, user=person, target=login, after=origin)


@transaction.atomic
def end_terminal(*, actor: Actor, session: TerminalSession) -> None:
    """Signs out one of the actor's own terminals. Raises Conflict if it is already signed out."""
    if session.user_id != actor.person.pk:
        raise Http404
    lock_person(actor.person)
    if not session.end(SessionEnd.BY_HAND):
        raise Conflict(f"{session} is already signed out.")
    record_end(actor, session.user, session, SessionEnd.BY_HAND)


@transaction.atomic
def end_all_terminals(*, actor: Actor) -> int:
    """Signs out all of the actor's terminals, and returns how many.

    Logins that were approved and have not got their tokens are ended too, and count.
    """
    person = lock_person(actor.person)
    approved = list(person.device_logins.approved())
    ended = [
        session for session in person.terminal_sessions.alive() if session.end(SessionEnd.BY_HAND)
    ]
    for terminal in (*approved, *ended):
        record_end(actor, person, terminal, SessionEnd.BY_HAND)
    person.device_logins.end_approved()
    return len(approved) + len(ended)


@transaction.atomic
def end_automatically(*, actor: Actor, session: TerminalSession, because: SessionEnd) -> None:
    """Signs out a terminal without its user, such as after theft. Does nothing if it is signed out."""
    if session.end(because):
        unknown = actor.acting_as(Principal.without_account(session.user.email))
        record_end(unknown, session.user, session, because)


def record_end(
    actor: Actor, user: User, terminal: TerminalSession | DeviceLogin, because: SessionEnd
) -> None:
    record_for_user(
        actor=actor,
        action=Action.TERMINAL_ENDED,
        user=user,
        target=terminal,
        after={"because": because},
    )


def revoke_token(*, actor: Actor, client: OAuthClient, token: str) -> None:
    """Revokes the token with which a client signs out (RFC 7009).

    The token of a login ends the login, the token of a project ends those of that project. Unknown tokens
    are ignored.
    """
    tokens = AccessToken.objects.with_people().filter(session__client_id=client.id)
    if is_secret(Prefix.REFRESH, token):
        match = tokens.with_refresh_token(token).first()
    else:
        match = tokens.with_secret(token).first() if is_access_token(token) else None
    if match is None:
        return
    if match.project_id:
        AccessToken.objects.filter(session=match.session, project=match.project_id).end()
    else:
        end_automatically(actor=actor, session=match.session, because=SessionEnd.BY_CLIENT)


@transaction.atomic
def switch_terminal_login(*, actor: Actor, organization: Organization, allowed: bool) -> None:
    """Turns terminal login for the organization on or off, from the next request on."""
    access = lock_organization(actor.principal, organization, Permission.TERMINAL_LOGIN_CHANGE)
    policy = KeyPolicy.of(access.organization)
    before = policy.terminal_login
    if before == allowed:
        return
    policy.terminal_login = allowed
    if policy.pk:
        policy.save(update_fields=["terminal_login"])
    else:
        policy.save(force_insert=True)
    record(
        actor,
        Action.TERMINAL_LOGIN_CHANGED,
        organization=access.organization,
        target=access.organization,
        before={"allowed": before},
        after={"allowed": allowed},
    )


def delete_old_terminals() -> int:
    """Deletes logins and tokens that can no longer be used. Returns how many rows."""
    now = timezone.now()
    over, kept = now - KEPT_LOGINS, now - KEPT_TOKENS
    logins = DeviceLogin.objects.filter(expires_at__lt=over)
    tokens = AccessToken.objects.of_projects().filter(expires_at__lt=kept)
    sessions = TerminalSession.objects.filter(Q(ended_at__lt=kept) | Q(expires_at__lt=kept))
    return sum(rows.delete()[0] for rows in (logins, tokens, sessions))
