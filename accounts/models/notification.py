"""The kinds of email that users have turned off."""

from django.db import models

from accounts.constraints import choice_constraint
from accounts.enums import Notification
from accounts.models.user import User


class MutedNotification(models.Model):
    """A kind of email that a user has turned off."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="muted_notifications")
    kind = models.CharField(max_length=20, choices=Notification.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="mutednotification_once"),
            choice_constraint("kind", Notification, "mutednotification"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: no {self.kind}"
