"""Rows that a person or a program made: an admin API key or service account, models of an app above."""

from django.db import models
from django.db.models import Q

from accounts.enums import PrincipalKind
from accounts.models.principals import Principal
from accounts.validators import NAME_LENGTH

REF_LENGTH = 40
# The kinds of programs, by the prefixes of their public ids.
PROGRAMS = {"akey": PrincipalKind.ADMIN_KEY}


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
        kind = PROGRAMS.get(self.program_ref.partition("_")[0], PrincipalKind.SERVICE_ACCOUNT)
        return Principal(kind, label=self.program_name, credential=self.program_ref)

    def set_program(self, principal: Principal) -> None:
        """Stores the principal if it is a program."""
        of_person = principal.user is not None
        self.program_ref = "" if of_person else principal.credential
        self.program_name = "" if of_person else principal.label


def single_maker_constraint(field: str, model: str) -> models.CheckConstraint:
    """Returns the constraint that a row was made by the person in `field` or by a program."""
    of_person = Q(**{f"{field}__isnull": False}, program_ref="")
    of_program = Q(**{f"{field}__isnull": True}) & ~Q(program_ref="")
    return models.CheckConstraint(condition=of_person | of_program, name=f"{model}_one_maker")
