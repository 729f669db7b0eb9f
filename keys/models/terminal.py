"""Logins from a terminal: requested with a code, approved in a browser, then a session."""

import datetime as dt
from typing import Any, Self

from django.db import models
from django.db.models import F, Max, Q
from django.db.models.functions import Coalesce, Greatest, Least
from django.utils import timezone

from accounts.constraints import choice_constraint
from accounts.crypto.peppers import peppers
from accounts.fields import PublicIdField
from accounts.models import User
from keys.clients import client_name
from keys.enums import LoginState, SessionEnd
from keys.formats import digest, digests
from keys.models.hashed import HashedSecret, HashedSecretQuerySet

CODE_LIFETIME = dt.timedelta(minutes=10)
# An approval in the last second must still reach a terminal that polls a second later.
GRACE = dt.timedelta(minutes=1)
SESSION_LIFETIME = dt.timedelta(days=90)
INTERVAL, SLOWER, SLOWEST = 2, 5, 30  # seconds between polls; RFC 8628, 3.5
JITTER = dt.timedelta(seconds=0.5)
AGENT_LENGTH = 200
CLIENT_LENGTH = 100


class LoginOrigin(models.Model):
    """The program that requested a login, and its IP address."""

    client_id = models.CharField(max_length=CLIENT_LENGTH, editable=False)
    agent = models.CharField(max_length=AGENT_LENGTH, blank=True, editable=False)
    ip = models.GenericIPAddressField(null=True, editable=False)

    class Meta:
        abstract = True

    @property
    def client(self) -> str:
        return client_name(self.client_id)


class DeviceLoginQuerySet(HashedSecretQuerySet):
    def open(self) -> Self:
        """Logins that wait for an answer."""
        return self.filter(state=LoginState.PENDING, expires_at__gt=timezone.now())

    def waiting_for(self, code: str) -> "DeviceLogin | None":
        """Returns the open login with this code, or None."""
        return self.open().filter(user_code_mac__in=digests(code)).first()

    def decide(self, state: LoginState, user: User) -> bool:
        """Approves or denies the only login in the queryset. Returns whether it still waited."""
        now = timezone.now()
        later = Greatest(F("expires_at"), now + GRACE)
        decided = {"state": state, "decided_by": user, "decided_at": now, "expires_at": later}
        return self.open().update(**decided) == 1

    def approved(self) -> Self:
        """Logins that were approved and have not got their tokens."""
        return self.filter(state=LoginState.APPROVED, expires_at__gt=timezone.now())

    def end_approved(self) -> int:
        """Deletes approved logins before they get their tokens, and returns how many."""
        return self.filter(state=LoginState.APPROVED).delete()[0]

    def take(self) -> bool:
        """Marks the only login in the queryset as used. Returns whether it was approved and unused."""
        return self.filter(state=LoginState.APPROVED).update(state=LoginState.USED) == 1

    def poll(self, *, interval: int) -> bool:
        """Records a poll of the only login in the queryset.

        Returns whether `interval` seconds have passed since the last; if not, the interval grows.
        """
        now = timezone.now()
        before = now - dt.timedelta(seconds=interval) + JITTER
        paced = self.filter(Q(polled_at__isnull=True) | Q(polled_at__lte=before))
        if paced.update(polled_at=now):
            return True
        slower = Least(F("interval") + SLOWER, SLOWEST)
        self.update(polled_at=now, interval=slower)
        return False


class DeviceLogin(LoginOrigin, HashedSecret):
    """A login that a terminal requests (RFC 8628). It polls with the secret; the person enters the code."""

    public_id = PublicIdField("device")
    user_code_mac = models.BinaryField(max_length=32, unique=True, editable=False)
    state = models.CharField(
        max_length=10, choices=LoginState.choices, default=LoginState.PENDING, editable=False
    )
    expires_at = models.DateTimeField(editable=False)
    interval = models.PositiveSmallIntegerField(default=INTERVAL, editable=False)
    polled_at = models.DateTimeField(null=True, editable=False)
    decided_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="device_logins",
    )
    decided_at = models.DateTimeField(null=True, editable=False)

    objects = DeviceLoginQuerySet.as_manager()

    class Meta:
        constraints = [
            choice_constraint("state", LoginState, "devicelogin"),
            models.CheckConstraint(
                condition=Q(state=LoginState.PENDING, decided_by__isnull=True)
                | (~Q(state=LoginState.PENDING) & Q(decided_by__isnull=False)),
                name="devicelogin_decided_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["expires_at"], name="devicelogin_by_end")]

    def __str__(self) -> str:
        return self.client

    @property
    def is_over(self) -> bool:
        return self.expires_at <= timezone.now()

    def set_user_code(self, code: str) -> None:
        """Sets the column that is derived from the user's code."""
        self.user_code_mac = digest(code, peppers()[0])


class TerminalSessionQuerySet(models.QuerySet["TerminalSession"]):
    def alive(self) -> Self:
        return self.filter(ended_at__isnull=True, expires_at__gt=timezone.now())

    def end(self, because: SessionEnd) -> int:
        """Ends the sessions that have not ended, with all their tokens, and returns how many."""
        unended = self.filter(ended_at__isnull=True)
        return unended.update(ended_at=timezone.now(), ended_because=because)

    def end_for_new_password(self) -> int:
        """Ends all sessions: someone who knew the old password may have approved one."""
        return self.end(SessionEnd.PASSWORD)

    def end_for_deactivation(self) -> int:
        """Ends all sessions for good: the account may become active again."""
        return self.end(SessionEnd.ACCOUNT)

    def end_for_factor_reset(self) -> int:
        """Ends all sessions: they began with a second factor that is not the person's anymore."""
        return self.end(SessionEnd.FACTORS)

    def last_used_first(self, **tokens: Any) -> Self:
        """Adds `used_at`, when a token of it was last used or issued, and sorts by it.

        With `tokens`, lookups of tokens, only those count: the last use in one organization.
        """
        used = Max(
            Coalesce("tokens__last_used_at", "tokens__created_at"),
            filter=Q(**tokens) if tokens else None,
        )
        return self.annotate(used_at=used).order_by("-used_at", "-pk")

    def lock(self, pk: int) -> "TerminalSession":
        """Returns the session with its owner, locked until the transaction ends."""
        return self.select_related("user").select_for_update(no_key=True, of=("self",)).get(pk=pk)


class TerminalSession(LoginOrigin):
    """A terminal that is signed in as a person. Its tokens are valid as long as it is."""

    public_id = PublicIdField("terminal")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="terminal_sessions")
    # Unique, so that one approval creates one session, however many polls arrive at once.
    device_login = models.OneToOneField(
        DeviceLogin, on_delete=models.SET_NULL, null=True, related_name="session"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    ended_because = models.CharField(
        max_length=10, choices=SessionEnd.choices, blank=True, editable=False
    )

    objects = TerminalSessionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")),
                name="terminalsession_expires_after_creation",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_because="")
                | Q(ended_at__isnull=False, ended_because__in=list(SessionEnd.values)),
                name="terminalsession_ends_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.client

    @property
    def label(self) -> str:
        """The terminal's name in the audit log."""
        return f"{self.client} at {self.ip}" if self.ip else self.client

    @property
    def why_over(self) -> str:
        """Why none of its tokens is valid any more, or an empty text."""
        if self.ended_at or not self.user.is_active:
            return "This login was ended. Log in again."
        if self.expires_at <= timezone.now():
            return "This login expired after 90 days. Log in again."
        return ""

    @property
    def is_over(self) -> bool:
        return bool(self.why_over)

    def end(self, because: SessionEnd) -> bool:
        """Ends the session. Returns False if it had ended already."""
        rows: Any = type(self).objects.filter(pk=self.pk)
        return bool(rows.end(because))
