"""Ends sessions, and trust in browsers."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.access.organization import lock_signed_in_person
from accounts.actors import Actor
from accounts.audit.personal import record_for_user
from accounts.enums import Action
from accounts.models import TrustedBrowser, UserSession


@transaction.atomic
def end_session(*, actor: Actor, session: UserSession) -> None:
    """Ends one of the actor's own sessions."""
    person = lock_signed_in_person(actor)
    if person.sessions.filter(pk=session.pk).end():
        record_for_user(actor=actor, action=Action.SESSION_ENDED, user=person, target=session)


@transaction.atomic
def end_other_sessions(*, actor: Actor) -> int:
    """Ends all sessions of the actor but the one they act from, and returns how many."""
    person = lock_signed_in_person(actor)
    number = person.end_sessions(except_pk=actor.session_pk)
    if number:
        record_for_user(
            actor=actor, action=Action.SESSIONS_ENDED, user=person, after={"sessions": number}
        )
    return number


@transaction.atomic
def trust_browser(*, actor: Actor) -> str:
    """Trusts the browser of the request for 30 days, and returns the token for its cookie.

    Raises PermissionDenied if the actor has no second factor, or has been signed out.
    """
    person = lock_signed_in_person(actor)
    if not person.has_second_factor:
        raise PermissionDenied
    browser = TrustedBrowser(user=person, agent=actor.agent)
    token = browser.set_token()
    browser.save(force_insert=True)
    record_for_user(actor=actor, action=Action.BROWSER_TRUSTED, user=person, target=browser)
    return token


@transaction.atomic
def end_trust(*, actor: Actor, browser: TrustedBrowser) -> None:
    """Stops trusting one of the actor's browsers: the next sign-in there requires the second factor."""
    person = lock_signed_in_person(actor)
    if person.trusted_browsers.filter(pk=browser.pk).delete()[0]:
        record_for_user(actor=actor, action=Action.BROWSER_TRUST_ENDED, user=person, target=browser)
