"""Reports of secrets found in public."""

from django.db import models
from django.utils import timezone

from keys.models.secret import KeySecret


class LeakReport(models.Model):
    """A secret of ours that a scanner found somewhere; once for each place."""

    secret = models.ForeignKey(KeySecret, on_delete=models.PROTECT, related_name="leak_reports")
    # Who reported it: the id of the key that signed the report.
    reporter = models.CharField(max_length=100)
    url = models.CharField(max_length=500, blank=True)
    source = models.CharField(max_length=100, blank=True)
    reported_at = models.DateTimeField(default=timezone.now, editable=False)
    revoked = models.BooleanField(editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["secret", "url"], name="leakreport_once_a_place")
        ]

    def __str__(self) -> str:
        return f"{self.secret} at {self.url or self.source}"
