"""The actions of superusers on support staff in Django admin: add one, change their role."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest

from accounts.actors import Actor
from accounts.enums import StaffRole
from accounts.forms import ActionForm, AddressFormField, NameFormField
from accounts.models import User
from accounts.support.admin_actions import StaffAction, call_service
from accounts.support.services.staff import MANAGE_STAFF
from accounts.support.services.staff_users import (
    add_staff_user,
    change_staff_role,
    describe_role,
)

ROLE_HELP = (
    "Support: answers requests, suspends and closes organizations, moves usage. "
    "Catalogue: products and prices. Read-only: sees everything and changes nothing."
)
NO_ACCESS = "none"


class StaffRoleForm(ActionForm):
    """The role of a staff user, or none."""

    role = forms.ChoiceField(
        choices=[*StaffRole.choices, (NO_ACCESS, "No access")], help_text=ROLE_HELP
    )

    def clean_role(self) -> StaffRole | None:
        role: str = self.cleaned_data["role"]
        return None if role == NO_ACCESS else StaffRole(role)


class NewStaffForm(ActionForm):
    """Who gets access to Django admin."""

    email = AddressFormField(label="Email address")
    name = NameFormField(label="Name")
    role = forms.TypedChoiceField(choices=StaffRole.choices, coerce=StaffRole, help_text=ROLE_HELP)


def find_staff_user(user: User) -> User:
    if not user.is_staff:
        raise Http404
    return user


def add_user(request: HttpRequest, _: None, **data: Any) -> User:
    return add_staff_user(actor=Actor.of(request), **data)


ADD_STAFF = StaffAction(
    name="add-staff",
    title="Add a staff member",
    button="Add",
    permission=MANAGE_STAFF,
    form=lambda data, _: NewStaffForm(data),
    facts=lambda _: [],
    perform=add_user,
    done="Staff member added. They get an email that says how to choose a password.",
)
CHANGE_STAFF_ROLE = StaffAction(
    name="staff-role",
    title="Change the staff role",
    button="Change role",
    permission=MANAGE_STAFF,
    subject=find_staff_user,
    is_open=lambda user: user.is_staff,
    form=lambda data, user: StaffRoleForm(data),
    facts=lambda user: [("Staff member", user), ("Role now", describe_role(user))],
    perform=call_service(change_staff_role, "user"),
    done="Role changed. It counts from their next request on.",
)
