"""Access tokens of terminals: for a login, with the refresh token bound to it, or for one project."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.crypto.peppers import peppers
from keys.formats import Prefix, digest, digests, new_secret
from keys.models.hashed import HashedSecret, HashedSecretQuerySet
from keys.models.terminal import TerminalSession
from projects.models import Project

LIFETIME = dt.timedelta(hours=1)
# Tokens of one terminal for one project: programs that run at the same time have one each.
MOST_AT_ONCE = 20


@dataclass(frozen=True)
class IssuedTokens:
    """New tokens. Their texts are stored nowhere and appear in no `repr`."""

    expires_in: int  # seconds
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False, default="")


class AccessTokenQuerySet(HashedSecretQuerySet):
    def of_logins(self) -> Self:
        return self.filter(project__isnull=True)

    def of_projects(self) -> Self:
        return self.filter(project__isnull=False)

    def with_refresh_token(self, text: str) -> Self:
        return self.filter(refresh_mac__in=digests(text))

    def with_people(self) -> Self:
        return self.select_related("session__user")

    def unended(self) -> Self:
        return self.filter(ended_at__isnull=True)

    def end(self) -> int:
        """Ends the tokens that have not ended and returns how many."""
        return self.unended().update(ended_at=timezone.now())

    def issue_pair(self, session: TerminalSession) -> IssuedTokens:
        """Issues a token for the login and its refresh token; there must be no current pair."""
        access, refresh = new_secret(Prefix.LOGIN), new_secret(Prefix.REFRESH)
        issued = self.issue(session, access, refresh_mac=digest(refresh, peppers()[0]))
        return IssuedTokens(issued.expires_in, access, refresh)

    def issue_for_project(self, session: TerminalSession, project: Project) -> IssuedTokens:
        """Issues a token for one project, and ends the oldest ones above `MOST_AT_ONCE`."""
        issued = self.issue(session, new_secret(Prefix.PROJECT), project=project)
        newest_first = self.unended().filter(session=session, project=project).order_by("-pk")
        older = list(newest_first.values_list("pk", flat=True)[MOST_AT_ONCE:])
        self.filter(pk__in=older).end()
        return issued

    def issue(self, session: TerminalSession, text: str, **more: Any) -> IssuedTokens:
        now = timezone.now()
        expires_at = min(now + LIFETIME, session.expires_at)
        token = self.model(session=session, created_at=now, expires_at=expires_at, **more)
        token.set_secret(text)
        token.save(force_insert=True)
        return IssuedTokens(max(1, round((expires_at - now).total_seconds())), text)


class AccessToken(HashedSecret):
    """A token that is valid for an hour within its session. What it gives access to is read at each use."""

    session = models.ForeignKey(TerminalSession, on_delete=models.CASCADE, related_name="tokens")
    # Null for the login itself.
    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, null=True, related_name="access_tokens"
    )
    # Of the refresh token, for a login. A renewed pair is kept: if its refresh token is used again, it was
    # stolen.
    refresh_mac = models.BinaryField(max_length=32, unique=True, null=True, editable=False)
    expires_at = models.DateTimeField(editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)

    objects = AccessTokenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session"],
                condition=Q(project__isnull=True, ended_at__isnull=True),
                name="accesstoken_one_current_pair",
            ),
            models.CheckConstraint(
                condition=Q(project__isnull=True, refresh_mac__isnull=False)
                | Q(project__isnull=False, refresh_mac__isnull=True),
                name="accesstoken_logins_are_refreshed",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")),
                name="accesstoken_expires_after_creation",
            ),
        ]
        indexes = [models.Index(fields=["expires_at"], name="accesstoken_by_end")]

    def __str__(self) -> str:
        return self.hint

    @property
    def why_over(self) -> str:
        """Why it is not valid any more, or an empty text. Access to its project is not checked."""
        if reason := self.session.why_over:
            return reason
        if self.ended_at:
            return "This access token was replaced or revoked."
        if self.expires_at <= timezone.now():
            return "This access token has expired."
        return ""

    @property
    def has_ended(self) -> bool:
        """Whether it or its login was ended before it expired."""
        return self.ended_at is not None or self.session.ended_at is not None

    def is_text(self, text: str) -> bool:
        """Returns whether `text` is this token."""
        return bytes(self.mac) in digests(text)
