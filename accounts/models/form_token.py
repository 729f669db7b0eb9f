"""Forms that were already sent, so that sending one twice creates one thing."""

import datetime as dt

from django.db import models
from django.utils import timezone

from accounts.fields import ID_LENGTH
from accounts.models.user import User

KEPT_FOR = dt.timedelta(days=7)
URL_LENGTH = 300


class FormToken(models.Model):
    """A form that a user sent, identified by its hidden token, and the page of what it created.

    It is inserted in the transaction of the action: of two simultaneous ones, the unique constraint lets
    the second wait for the first. `tend` deletes old rows.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="form_tokens")
    token = models.CharField(max_length=ID_LENGTH)
    url = models.CharField(max_length=URL_LENGTH, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "token"], name="formtoken_once_per_user")
        ]

    def __str__(self) -> str:
        return f"form of {self.user} at {self.created_at}"


def delete_old_form_tokens() -> int:
    """Deletes the tokens of forms sent more than `KEPT_FOR` ago, and returns their number."""
    return FormToken.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()[0]
