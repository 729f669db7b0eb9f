"""Tokens of terminals found in public, with which anyone could act as their owner."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from accounts.actors import Actor
from accounts.audit.personal import record_for_user
from accounts.enums import Action
from accounts.outbox import notify
from keys.enums import SessionEnd
from keys.formats import Prefix, digests, is_access_token, is_secret
from keys.models import AccessToken, TerminalSession


def find_leaked_terminals(tokens: Iterable[str]) -> dict[str, TerminalSession]:
    """Returns the sessions that `tokens` belong to, by the text, in two queries."""
    tokens = list(tokens)
    rows = AccessToken.objects.with_people()
    matches = rows.by_text(filter(is_access_token, tokens))
    refresh = {
        mac: text for text in tokens if is_secret(Prefix.REFRESH, text) for mac in digests(text)
    }
    for row in rows.filter(refresh_mac__in=[*refresh, b""]):
        matches[refresh[bytes(row.refresh_mac)]] = row
    return {text: row.session for text, row in matches.items()}


@transaction.atomic
def report_terminal(*, actor: Actor, session: TerminalSession, details: dict[str, Any]) -> None:
    """Signs the terminal out and notifies its owner, unless it was signed out already."""
    if not session.end(SessionEnd.LEAK):
        return
    record_for_user(
        actor=actor,
        action=Action.TERMINAL_ENDED,
        user=session.user,
        target=session,
        after={"because": SessionEnd.LEAK, "found_at": details["found_at"]},
    )
    notify(
        session.user,
        "Signed out: a token of your terminal was found in public",
        "keys/mail/terminal_leaked.txt",
        session=session,
        **details,
    )
