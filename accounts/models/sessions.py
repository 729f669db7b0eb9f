"""Sessions in browsers, and trusted browsers, which do not ask for the second factor."""

import datetime as dt
from typing import Self

from django.contrib.sessions.models import Session
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.constraints import choice_constraint
from accounts.crypto.tokens import compute_mac, compute_macs
from accounts.enums import SignInMethod
from accounts.fields import PublicIdField, random_text
from accounts.models.user import User

TRUST_LIFETIME = dt.timedelta(days=30)
# The clocks of two nodes may differ a little.
CLOCK_TOLERANCE = dt.timedelta(seconds=1)
# The last use of a session is written at most this often.
SEEN_STEP = dt.timedelta(minutes=5)
TOKEN_LENGTH = 43  # base62 characters: 256 random bits
AGENT_LENGTH = 200
AT_ONCE = 5000
PURPOSE = "trusted browser"


class UserSessionQuerySet(models.QuerySet["UserSession"]):
    def alive(self) -> Self:
        """Sessions that still exist in Django's session store and have not expired there."""
        stored = Session.objects.filter(expire_date__gt=timezone.now())
        return self.filter(session_key__in=stored.values("session_key"))

    def newest_first(self) -> Self:
        return self.order_by("-last_seen_at", "-pk")

    def end(self) -> int:
        """Ends the sessions: their next request is not signed in. Returns how many there were."""
        keys = list(self.values_list("session_key", flat=True))
        Session.objects.filter(session_key__in=keys).delete()
        return self.filter(session_key__in=keys).delete()[0]


class UserSession(models.Model):
    """A browser in which a user is signed in. Django stores the session itself, under `session_key`."""

    public_id = PublicIdField("session")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    session_key = models.CharField(max_length=40, unique=True, editable=False)
    method = models.CharField(
        max_length=20, choices=SignInMethod.choices, default=SignInMethod.UNKNOWN, editable=False
    )
    agent = models.CharField(max_length=AGENT_LENGTH, blank=True, editable=False)
    ip = models.GenericIPAddressField(null=True, editable=False)
    started_at = models.DateTimeField(default=timezone.now, editable=False)
    last_seen_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserSessionQuerySet.as_manager()

    class Meta:
        constraints = [
            choice_constraint("method", SignInMethod, "usersession"),
            models.CheckConstraint(
                condition=Q(last_seen_at__gte=F("started_at") - CLOCK_TOLERANCE),
                name="usersession_seen_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"session of {self.user}"


def trust_end() -> dt.datetime:
    return timezone.now() + TRUST_LIFETIME


class TrustedBrowserQuerySet(models.QuerySet["TrustedBrowser"]):
    def current(self) -> Self:
        return self.filter(expires_at__gt=timezone.now())

    def with_token(self, token: str) -> Self:
        """The browser whose cookie holds `token`, under any pepper."""
        return self.filter(mac__in=compute_macs(PURPOSE, token))

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")


class TrustedBrowser(models.Model):
    """A browser in which a user signs in without their second factor, for 30 days."""

    public_id = PublicIdField("browser")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="trusted_browsers")
    mac = models.CharField(max_length=TOKEN_LENGTH, unique=True, editable=False)
    agent = models.CharField(max_length=AGENT_LENGTH, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(default=trust_end, editable=False)

    objects = TrustedBrowserQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at"))
                & Q(expires_at__lt=F("created_at") + TRUST_LIFETIME + CLOCK_TOLERANCE),
                name="trustedbrowser_thirty_days",
            ),
        ]

    def __str__(self) -> str:
        return f"browser trusted by {self.user}"

    def set_token(self) -> str:
        """Sets a new token, and returns it for the cookie; only its HMAC is stored."""
        token = random_text(TOKEN_LENGTH)
        self.mac = compute_mac(PURPOSE, token)
        return token


def delete_expired_sessions() -> int:
    """Deletes expired sessions from Django's store, at most `AT_ONCE`, and returns how many."""
    expired = Session.objects.filter(expire_date__lt=timezone.now())
    keys = list(expired.values_list("session_key", flat=True)[:AT_ONCE])
    return Session.objects.filter(session_key__in=keys).delete()[0]


def delete_past_sign_ins() -> int:
    """Deletes the rows of ended sessions and of browsers no longer trusted, and returns how many."""
    over = UserSession.objects.exclude(pk__in=UserSession.objects.alive().values("pk"))
    # A session that is just starting may not be in the store yet.
    old = over.filter(started_at__lt=timezone.now() - SEEN_STEP)
    browsers = TrustedBrowser.objects.filter(expires_at__lte=timezone.now())
    return old.delete()[0] + browsers.delete()[0]
