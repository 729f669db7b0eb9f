"""Reports of secrets found in public."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from keys.models.api_key import ApiKey
from keys.models.credential import ServiceCredential
from keys.models.secret import KeySecret

URL_LENGTH = 500
SOURCE_LENGTH = 100
REPORTER_LENGTH = 100


class LeakReport(models.Model):
    """A secret of a key or service credential that was found in public, once for each URL."""

    secret = models.ForeignKey(
        KeySecret, on_delete=models.PROTECT, null=True, related_name="leak_reports"
    )
    credential = models.ForeignKey(
        ServiceCredential, on_delete=models.PROTECT, null=True, related_name="leak_reports"
    )
    # Who reported it: the id of the key that signed the report.
    reporter = models.CharField(max_length=REPORTER_LENGTH)
    url = models.CharField(max_length=URL_LENGTH, blank=True)
    source = models.CharField(max_length=SOURCE_LENGTH, blank=True)
    reported_at = models.DateTimeField(default=timezone.now, editable=False)
    # Whether the console ended the secret because of it.
    revoked = models.BooleanField(editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["secret", "url"], name="leakreport_once_a_place"),
            models.UniqueConstraint(
                fields=["credential", "url"], name="leakreport_credential_once_a_place"
            ),
            models.CheckConstraint(
                condition=Q(secret__isnull=False, credential__isnull=True)
                | Q(secret__isnull=True, credential__isnull=False, revoked=False),
                name="leakreport_of_one_secret",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hint} at {self.url or self.source}"

    @property
    def hint(self) -> str:
        holder = self.secret or self.credential
        assert holder is not None
        return holder.hint

    @property
    def history_target(self) -> ApiKey | ServiceCredential:
        """What events about the report are recorded about."""
        holder = self.secret.api_key if self.secret else self.credential
        assert holder is not None
        return holder

    @property
    def owner(self) -> str:
        """Whose secret it is."""
        if self.secret:
            return self.secret.api_key.label
        return f"service credential {self.credential}"
