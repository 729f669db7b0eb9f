"""Actions on users in Django admin: superusers manage staff, support resets lost second factors."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest

from accounts.actors import Actor
from accounts.enums import StaffRole
from accounts.forms import ActionForm, AddressFormField, NameFormField
from accounts.models import FactorReset, User
from accounts.support.admin_actions import StaffAction, call_service
from accounts.support.services.factor_resets import cancel_reset_of_person, request_factor_reset
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


class FactorResetForm(ActionForm):
    """How support has checked who asks for the reset."""

    note = forms.CharField(
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 60}),
        help_text="How you checked who they are. Kept in the audit log of their organizations.",
    )


RESET_EFFECT = (
    "They are emailed now. 24 hours after the email is sent, all their second factors are deleted, and their "
    "sessions and terminals end."
)


class NewStaffForm(ActionForm):
    """Who gets access to Django admin."""

    email = AddressFormField(label="Email address")
    name = NameFormField(label="Name")
    role = forms.TypedChoiceField(choices=StaffRole.choices, coerce=StaffRole, help_text=ROLE_HELP)


def describe_reset(reset: FactorReset | None) -> list[tuple[str, object]]:
    """Returns the facts about a waiting reset."""
    if reset is None:
        return []
    return [
        ("Person", reset.user),
        ("Requested by", reset.requested_by or "A command"),
        ("Note", reset.note),
        ("Happens", reset.due_at),
        ("But not before", "24 hours after the email to the person was sent"),
        ("Email", reset.mail.get_state_display() if reset.mail else "–"),
    ]


def can_be_reset(user: User) -> bool:
    is_pending = user.factor_resets.pending().exists()
    return user.is_active and user.has_second_factor and not is_pending


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
CANCEL_RESET = StaffAction(
    name="cancel-reset",
    title="Cancel the reset of second factors",
    button="Cancel reset",
    is_open=lambda user: user.factor_resets.pending().exists(),
    form=lambda data, user: ActionForm(data),
    facts=lambda user: describe_reset(user.factor_resets.pending().first()),
    perform=call_service(cancel_reset_of_person, "user"),
    done="The reset was canceled. The person is notified by email.",
)
RESET_FACTORS = StaffAction(
    name="reset-factors",
    title="Reset second factors",
    button="Reset in 24 hours",
    is_open=can_be_reset,
    form=lambda data, user: FactorResetForm(data),
    facts=lambda user: [
        ("Person", user),
        ("What happens", RESET_EFFECT),
        ("Until then", "They and support staff can cancel it."),
    ],
    perform=call_service(request_factor_reset, "user"),
    done="The reset happens 24 hours after its email is sent, unless it is canceled.",
)
