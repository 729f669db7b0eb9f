"""Access tokens of terminals: of a login, with the refresh token bound to it, or of one project."""

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


@dataclass(frozen=True)
class IssuedTokens:
    """Tokens just made. Their texts are nowhere else, and in no `repr`."""

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
        """Ends those not ended yet; gives how many."""
        return self.unended().update(ended_at=timezone.now())

    def issue_pair(self, session: TerminalSession) -> IssuedTokens:
        """A token of the login, and the refresh token for the next; there must be no current one."""
        access, refresh = new_secret(Prefix.LOGIN), new_secret(Prefix.REFRESH)
        given = self.give(session, access, refresh_mac=digest(refresh, peppers()[0]))
        return IssuedTokens(given.expires_in, access, refresh)

    def issue_for_project(self, session: TerminalSession, project: Project) -> IssuedTokens:
        return self.give(session, new_secret(Prefix.PROJECT), project=project)

    def give(self, session: TerminalSession, text: str, **more: Any) -> IssuedTokens:
        now = timezone.now()
        expires_at = min(now + LIFETIME, session.expires_at)
        token = self.model(session=session, created_at=now, expires_at=expires_at, **more)
        token.set_secret(text)
        token.save(force_insert=True)
        return IssuedTokens(max(1, round((expires_at - now).total_seconds())), text)


class AccessToken(HashedSecret):
    """Good for an hour, as long as its session is; what it opens is asked of the database each time."""

    session = models.ForeignKey(TerminalSession, on_delete=models.CASCADE, related_name="tokens")
    # None for the login itself, which has no project.
    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, null=True, related_name="access_tokens"
    )
    # Of the token that renews it, for a login's. A pair that was renewed is kept: its refresh token,
    # used again, is a thief's.
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
        """Why it is not good any more; empty while it is. Whether its project is open is not asked."""
        if reason := self.session.why_over:
            return reason
        if self.ended_at:
            return "This access token was replaced or taken back."
        if self.expires_at <= timezone.now():
            return "This access token has expired."
        return ""

    @property
    def has_ended(self) -> bool:
        """Whether somebody ended it or its login, before its time."""
        return self.ended_at is not None or self.session.ended_at is not None

    def is_text(self, text: str) -> bool:
        """Whether `text` is this very token."""
        return bytes(self.mac) in digests(text)
