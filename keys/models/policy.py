"""What an organization asks of its keys."""

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import Q

from accounts.constraints import choice_constraint
from accounts.models import Organization
from accounts.web.formatting import format_count
from keys.enums import KeyMakers, LeakResponse

MOST_DAYS = 3650
RULES = ("longest_days", "expiry_required", "makers", "unused_days", "on_leak")


def days_constraint(field: str) -> models.CheckConstraint:
    """A number of days from 1 to `MOST_DAYS`, or none."""
    within = Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__range": (1, MOST_DAYS)})
    return models.CheckConstraint(condition=within, name=f"keypolicy_{field}_sane")


class KeyPolicyQuerySet(models.QuerySet["KeyPolicy"]):
    def days_in_use(self) -> list[int]:
        """The numbers of days after which some organization has unused keys revoked."""
        rules = self.filter(unused_days__isnull=False).order_by("unused_days")
        return [days for days in rules.values_list("unused_days", flat=True).distinct() if days]


class KeyPolicy(models.Model):
    """The rules of one organization. They hold for what is done from then on.

    `longest_days` is counted from when the current secret was made: rotating allows a later end.
    """

    organization = models.OneToOneField(
        Organization, on_delete=models.PROTECT, related_name="key_policy"
    )
    longest_days = models.PositiveSmallIntegerField(null=True, blank=True)
    expiry_required = models.BooleanField(default=False)
    makers = models.CharField(max_length=10, choices=KeyMakers.choices, default=KeyMakers.EVERYBODY)
    unused_days = models.PositiveSmallIntegerField(null=True, blank=True)
    on_leak = models.CharField(
        max_length=10, choices=LeakResponse.choices, default=LeakResponse.REVOKE
    )

    # Whether people work with its projects from a terminal; a switch of its own, no rule of keys.
    terminal_login = models.BooleanField(default=True)

    objects = KeyPolicyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "key policies"
        constraints = [
            days_constraint("longest_days"),
            days_constraint("unused_days"),
            choice_constraint("makers", KeyMakers, "keypolicy"),
            choice_constraint("on_leak", LeakResponse, "keypolicy"),
        ]

    def __str__(self) -> str:
        return f"key policy of {self.organization}"

    @classmethod
    def of(cls, organization: Organization) -> "KeyPolicy":
        """The organization's policy, as read with it; one that asks nothing where none was ever set."""
        return getattr(organization, "key_policy", None) or cls(organization=organization)

    @property
    def end_required(self) -> bool:
        """Whether no key may live for ever."""
        return self.expiry_required or self.longest_days is not None

    @property
    def rules(self) -> dict[str, Any]:
        """What it asks, by name: as the form shows it and the audit log keeps it."""
        return {name: getattr(self, name) for name in RULES}

    @property
    def sentences(self) -> list[str]:
        """What it asks, for people to read."""
        issuing = "Everyone with access to a project can create and rotate its keys."
        if self.makers == KeyMakers.ADMINS:
            issuing = "Only Project Admins, the Owner and Admins can create and rotate keys."
        expiry = "Keys don't have to expire."
        if self.longest_days is not None:
            expiry = f"Secrets live for at most {format_count(self.longest_days, 'day')}."
        elif self.expiry_required:
            expiry = "Every key must expire."
        unused = ""
        if self.unused_days is not None:
            unused = f"Keys unused for {format_count(self.unused_days, 'day')} are revoked."
        leaked = "Admins are notified of leaked keys."
        if self.on_leak == LeakResponse.REVOKE:
            leaked = "Leaked keys are revoked immediately."
        return [sentence for sentence in (issuing, expiry, unused, leaked) if sentence]

    def latest_end(self, secret_made_at: dt.datetime) -> dt.datetime | None:
        """The latest moment a key may expire whose current secret was made then; None: no bound."""
        if self.longest_days is None:
            return None
        return secret_made_at + dt.timedelta(days=self.longest_days)

    def limit_end(
        self, expires_at: dt.datetime | None, secret_made_at: dt.datetime
    ) -> dt.datetime | None:
        """`expires_at` (None: never), or the latest end where that is earlier."""
        ends = [end for end in (expires_at, self.latest_end(secret_made_at)) if end]
        return min(ends, default=None)
