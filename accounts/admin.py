"""Django admin for support staff: the request queue, lookups, and actions on organizations.

Nothing can be added or deleted here. Every change goes through a service, which records it.
"""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from accounts.actors import Actor
from accounts.enums import SupportRequestState
from accounts.models import (
    AuditEvent,
    Membership,
    Organization,
    OutgoingMail,
    OwnershipOffer,
    SupportRequest,
    User,
    ViewAs,
)
from accounts.models.support import MOST_PROJECTS
from accounts.support.admin_actions import StaffActionsAdmin
from accounts.support.history import AuditHistory
from accounts.support.lookups import DeclaredLookups
from accounts.support.services.limits import change_limits
from accounts.support.services.staff_users import describe_role
from accounts.support.staff_actions import (
    CLOSE,
    DECLINE,
    GRANT,
    REOPEN,
    RESEND,
    SUSPEND,
    VIEW_AS_MEMBER,
)
from accounts.support.staff_admin import ADD_STAFF, CANCEL_RESET, CHANGE_STAFF_ROLE, RESET_FACTORS
from accounts.web.elements import draw_link
from accounts.web.formatting import format_count


class ReadOnly(AuditHistory, DeclaredLookups):
    """Permissions of a read-only admin page."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class MembershipInline(ReadOnly, admin.TabularInline[Membership, User]):
    """A user's organizations. The members of an organization have a list of their own, see below."""

    model = Membership
    fields = readonly_fields = ("organization", "role", "joined_at", "last_active_at")
    max_num = 0
    extra = 0


@admin.register(Membership)
class MembershipAdmin(ReadOnly, admin.ModelAdmin[Membership]):
    """The members of organizations, linked from each organization's page."""

    list_display = ("user", "organization", "role", "joined_at", "last_active_at", "view_as")
    list_filter = ("role",)
    linked_lookups = ("organization__id__exact",)
    list_select_related = ("user", "organization")
    search_fields = ("user__search_text", "organization__search_text")
    fields = ("user", "organization", "role", "joined_at", "last_active_at")

    @admin.display(description="View as")
    def view_as(self, membership: Membership) -> str:
        """Returns a link to view the organization as this member. Staff cannot be viewed as."""
        if membership.user.is_staff:
            return "–"
        arguments = [membership.organization_id, membership.user.public_id]
        url = reverse("admin:accounts_organization_view_as", args=arguments)
        return draw_link(url, "View as")


class LimitsForm(forms.ModelForm[Organization]):
    """The limits that support can change, with a reason for the customer's audit log."""

    note = forms.CharField(
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Why you are making this change. The customer sees it in their audit log.",
    )

    class Meta:
        model = Organization
        fields = ("project_limit", "external_collaborators_enabled")

    def clean_project_limit(self) -> int:
        limit: int = self.cleaned_data["project_limit"]
        existing = self.instance.projects.unarchived().count()
        if limit < max(existing, 1):
            projects = format_count(max(existing, 1), "project")
            raise forms.ValidationError(
                "This organization has %(projects)s. Enter at least that many.",
                params={"projects": projects},
            )
        if limit > MOST_PROJECTS:
            raise forms.ValidationError(f"Enter at most {MOST_PROJECTS:,}.")
        return limit


@admin.register(Organization)
class OrganizationAdmin(StaffActionsAdmin):
    form = LimitsForm
    staff_actions = (SUSPEND, REOPEN, CLOSE, VIEW_AS_MEMBER)
    list_display = (
        "name", "slug", "state", "project_limit", "external_collaborators_enabled", "created_at",
    )  # fmt: skip
    list_filter = ("state", "external_collaborators_enabled")
    search_fields = ("search_text", "public_id", "memberships__user__search_text")
    readonly_fields = (
        "name", "slug", "public_id", "created_at", "state", "state_reason", "state_changed_at",
    )  # fmt: skip
    fields = (*readonly_fields, "project_limit", "external_collaborators_enabled", "note")
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(
        self,
        request: HttpRequest,
        obj: Organization,
        form: Any,
        change: bool,  # noqa: FBT001  (Django's signature)
    ) -> None:
        """Calls the service, which locks, checks and records. Django's own admin log gets its entry too."""
        if not change:
            raise PermissionDenied
        change_limits(actor=Actor.of(request), organization=obj, **form.cleaned_data)


@admin.register(User)
class UserAdmin(ReadOnly, StaffActionsAdmin):
    staff_actions = (CHANGE_STAFF_ROLE, RESET_FACTORS, CANCEL_RESET)
    create_actions = (ADD_STAFF,)
    change_form_template = "admin/acts_change_form.html"
    change_list_template = "admin/acts_change_list.html"
    list_display = (
        "email", "name", "home_organization", "staff_role", "is_active", "date_joined",
    )  # fmt: skip
    list_filter = ("is_staff", "is_active")
    list_select_related = ("home_organization",)
    search_fields = ("search_text", "public_id")
    fields = (
        "public_id", "email", "name", "home_organization", "staff_role", "is_active",
        "date_joined", "last_login",
    )  # fmt: skip
    readonly_fields = ("staff_role",)
    inlines = (MembershipInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        users: QuerySet[User] = super().get_queryset(request).prefetch_related("groups")
        return users

    @admin.display(description="Staff role", ordering="is_staff")
    def staff_role(self, user: User) -> str:
        """Returns what a staff user may do; a dash for customers."""
        return describe_role(user) if user.is_staff else "–"


class StateFilter(admin.SimpleListFilter):
    """Filters by state; pending requests are the default."""

    title = parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*SupportRequestState.choices, ("all", "All")]

    def choices(self, changelist: Any) -> Iterator[Any]:
        chosen = self.value() or SupportRequestState.PENDING
        for value, label in self.lookup_choices:
            query = changelist.get_query_string({"state": value})
            yield {"selected": value == chosen, "query_string": query, "display": label}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        state = self.value() or SupportRequestState.PENDING
        return queryset if state == "all" else queryset.filter(state=state)


@admin.register(SupportRequest)
class SupportRequestAdmin(ReadOnly, StaffActionsAdmin):
    """The request queue, oldest first."""

    staff_actions = (GRANT, DECLINE)
    list_display = (
        "organization", "kind", "requested_limit", "requested_by", "created_at", "state",
    )  # fmt: skip
    list_filter = (StateFilter, "kind")
    linked_lookups = ("organization__id__exact",)
    list_select_related = ("organization", "requested_by")
    ordering = ("created_at", "pk")
    search_fields = ("organization__search_text", "requested_by__search_text")
    fields = (
        "organization", "kind", "requested_limit", "reason", "requested_by", "program_name", "created_at",
        "state", "answer", "answered_by", "answered_at",
    )  # fmt: skip


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnly, admin.ModelAdmin[AuditEvent]):
    list_display = ("at", "organization", "actor_name", "act", "target_name")
    list_filter = ("act",)
    linked_lookups = ("organization__id__exact",)
    list_select_related = ("organization", "stored_personal_data")
    search_fields = (
        "actor_label", "target_label", "organization__search_text", "target_id",
        "stored_personal_data__actor_label", "stored_personal_data__target_label",
        "stored_personal_data__search_text",
    )  # fmt: skip
    fields = (
        "at", "organization", "actor_name", "act", "target_name", "target_id",
        "values_before", "values_after", "client_ip", "request_id",
    )  # fmt: skip


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ReadOnly, StaffActionsAdmin):
    """The state of each email. The body is not shown, because it can hold a code or a link."""

    staff_actions = (RESEND,)
    change_form_template = "admin/acts_change_form.html"
    list_display = ("to", "subject", "state", "attempts", "error", "created_at", "done_at")
    list_filter = ("state",)
    ordering = ("-created_at", "-pk")
    search_fields = ("to", "subject", "error")
    fields = (
        "to", "subject", "state", "attempts", "error", "created_at", "next_attempt_at", "done_at",
    )  # fmt: skip


@admin.register(ViewAs)
class ViewAsAdmin(ReadOnly, admin.ModelAdmin[ViewAs]):
    list_display = ("staff", "user", "organization", "reason", "started_at", "ended_at")
    list_select_related = ("staff", "user", "organization")
    ordering = ("-started_at", "-pk")
    search_fields = (
        "staff__search_text",
        "user__search_text",
        "organization__search_text",
        "reason",
    )
    fields = ("staff", "user", "organization", "reason", "started_at", "ends_at", "ended_at")


@admin.register(OwnershipOffer)
class OwnershipOfferAdmin(ReadOnly, admin.ModelAdmin[OwnershipOffer]):
    list_display = ("organization", "offered_by", "offered_to", "state", "created_at", "expires_at")
    list_filter = ("state",)
    list_select_related = ("organization", "offered_by", "offered_to")
    ordering = ("-created_at", "-pk")
    search_fields = (
        "organization__search_text",
        "offered_by__search_text",
        "offered_to__search_text",
    )
    fields = (
        "organization", "offered_by", "offered_to", "state",
        "created_at", "expires_at", "answered_at",
    )  # fmt: skip
