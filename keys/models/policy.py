"""The rules of an organization about its keys."""

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
    """Returns the constraint that `field` is null or from 1 to `MOST_DAYS`."""
    within = Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__range": (1, MOST_DAYS)})
    return models.CheckConstraint(condition=within, name=f"keypolicy_{field}_sane")


class KeyPolicyQuerySet(models.QuerySet["KeyPolicy"]):
    def days_in_use(self) -> list[int]:
        """Returns the numbers of days after which organizations have unused keys revoked."""
        rules = self.filter(unused_days__isnull=False).order_by("unused_days")
        return [days for days in rules.values_list("unused_days", flat=True).distinct() if days]


class KeyPolicy(models.Model):
    """The rules of one organization. They apply to what is done after they were set.

    `longest_days` counts from when the current secret was created, so rotating allows a later end.
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

    # Whether people may use its projects from a terminal. Not a rule about keys.
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
        """Returns the organization's policy, or one without rules if none was ever saved."""
        return getattr(organization, "key_policy", None) or cls(organization=organization)

    @property
    def end_required(self) -> bool:
        """Whether every key has to expire."""
        return self.expiry_required or self.longest_days is not None

    @property
    def rules(self) -> dict[str, Any]:
        """The rules by name, for the form and the audit log."""
        return {name: getattr(self, name) for name in RULES}

    @property
    def sentences(self) -> list[str]:
        """The rules as sentences."""
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
        """Returns when a key with a secret created then has to expire at the latest; None for no limit."""
        if self.longest_days is None:
            return None
        return secret_made_at + dt.timedelta(days=self.longest_days)

    def limit_end(
        self, expires_at: dt.datetime | None, secret_made_at: dt.datetime
    ) -> dt.datetime | None:
        """Returns `expires_at` (None: never), or the latest end if that is earlier."""
        ends = [end for end in (expires_at, self.latest_end(secret_made_at)) if end]
        return min(ends, default=None)
