"""Rows that a person or a program created. A program is an admin API key or a service account."""

from django.db import models
from django.db.models import Q

from accounts.enums import PrincipalKind
from accounts.models.principals import Principal
from accounts.validators import NAME_LENGTH

REF_LENGTH = 40
ADMIN_KEY_PREFIX = "akey_"


class MadeByPrincipal(models.Model):
    """A row that a person, in a column of its own, or else a program created.

    `program_ref` is the public id of the program and `program_name` its name; both are empty for people.
    There is no foreign key, because the models of programs belong to other apps.
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
        """The program that created the row, if no person did."""
        name, ref = self.program_name, self.program_ref
        if ref.startswith(ADMIN_KEY_PREFIX):
            return Principal(PrincipalKind.ADMIN_KEY, label=name, credential=ref)
        return Principal(PrincipalKind.SERVICE_ACCOUNT, label=name, service_account=ref)

    def set_program(self, principal: Principal) -> None:
        """Stores the principal if it is a program."""
        ref, name = principal.service_account or principal.credential, principal.label
        self.program_ref, self.program_name = ("", "") if principal.user else (ref, name)


def single_maker_constraint(field: str, model: str) -> models.CheckConstraint:
    """Returns the constraint that either the person in `field` or a program created the row."""
    of_person = Q(**{f"{field}__isnull": False}, program_ref="")
    of_program = Q(**{f"{field}__isnull": True}) & ~Q(program_ref="")
    return models.CheckConstraint(condition=of_person | of_program, name=f"{model}_one_maker")
