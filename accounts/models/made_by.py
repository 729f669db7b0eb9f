"""Rows that a person or a program made: an admin API key or service account, models of an app above."""

from django.db import models
from django.db.models import Q

from accounts.enums import PrincipalKind
from accounts.models.principals import Principal
from accounts.validators import NAME_LENGTH

REF_LENGTH = 40
ADMIN_KEY_PREFIX = "akey_"


class MadeByPrincipal(models.Model):
    """A row whose maker is a person in a column of its own, or else a program.

    `program_ref` is the public id of the program and `program_name` its name; empty for people.
    """

    program_ref = models.CharField(
        max_length=REF_LENGTH, blank=True, default="", db_default="", editable=False
    )
    program_name = models.CharField(
        max_length=NAME_LENGTH, blank=True, default="", db_default="", editable=False
    )

    class Meta:
        abstract = True

    @property
    def program(self) -> Principal:
        """The program that made the row, if no person did."""
        name, ref = self.program_name, self.program_ref
        if ref.startswith(ADMIN_KEY_PREFIX):
            return Principal(PrincipalKind.ADMIN_KEY, label=name, credential=ref)
        return Principal(PrincipalKind.SERVICE_ACCOUNT, label=name, service_account=ref)

    def set_program(self, principal: Principal) -> None:
        """Stores the principal if it is a program."""
        ref, name = principal.service_account or principal.credential, principal.label
        self.program_ref, self.program_name = ("", "") if principal.user else (ref, name)


def single_maker_constraint(field: str, model: str) -> models.CheckConstraint:
    """Returns the constraint that a row was made by the person in `field` or by a program."""
    of_person = Q(**{f"{field}__isnull": False}, program_ref="")
    of_program = Q(**{f"{field}__isnull": True}) & ~Q(program_ref="")
    return models.CheckConstraint(condition=of_person | of_program, name=f"{model}_one_maker")
