"""Answers to requests that carried an Idempotency-Key, for when the same request is sent again."""

import datetime as dt
from typing import Self

from django.db import models
from django.utils import timezone

LIFETIME = dt.timedelta(hours=24)
KEY_LENGTH = 255
SUBJECT_LENGTH = 60
DIGEST_LENGTH = 64  # hexadecimal characters of SHA-256


class StoredAnswerQuerySet(models.QuerySet["StoredAnswer"]):
    def outdated(self) -> Self:
        """Answers that are no longer repeated."""
        return self.filter(created_at__lte=timezone.now() - LIFETIME)


def delete_outdated_answers() -> int:
    """Deletes answers that are no longer repeated. Returns how many."""
    deleted, _ = StoredAnswer.objects.outdated().delete()
    return deleted


class StoredAnswer(models.Model):
    """The answer to a request, without secrets. It is written in the transaction of what the request did.

    `subject` is whose request it was, see `Caller`; `digest` is of its method, path and body.
    """

    subject = models.CharField(max_length=SUBJECT_LENGTH)
    key = models.CharField(max_length=KEY_LENGTH)
    digest = models.CharField(max_length=DIGEST_LENGTH)
    status = models.PositiveSmallIntegerField()
    body = models.TextField()
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = StoredAnswerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "key"], name="storedanswer_once_per_key")
        ]

    def __str__(self) -> str:
        return f"answer to {self.key} of {self.subject}"
