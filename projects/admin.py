"""Read-only pages of Django admin for projects and their collaborators."""

from django.contrib import admin

from accounts.admin import ReadOnly
from projects.models import Collaborator, Project, ServiceAccount


class CollaboratorInline(ReadOnly, admin.TabularInline[Collaborator, Project]):
    model = Collaborator
    fields = ("user", "role", "added_by", "added_at", "end_date", "vouched_by")
    readonly_fields = fields
    max_num = 0
    extra = 0


class ServiceAccountInline(ReadOnly, admin.TabularInline[ServiceAccount, Project]):
    model = ServiceAccount
    fk_name = "project"
    fields = (
        "name", "public_id", "role", "counts_as_external", "created_by", "created_by_account",
        "created_with", "created_at", "removed_at",
    )  # fmt: skip
    readonly_fields = fields
    max_num = 0
    extra = 0


@admin.register(Project)
class ProjectAdmin(ReadOnly, admin.ModelAdmin[Project]):
    list_display = (
        "name", "slug", "organization", "allow_external_collaborators", "created_at", "archived_at",
    )  # fmt: skip
    list_filter = (
        "is_default",
        "allow_external_collaborators",
        ("archived_at", admin.EmptyFieldListFilter),
    )
    linked_lookups = ("organization__id__exact",)
    list_select_related = ("organization",)
    search_fields = ("search_text", "public_id", "organization__search_text")
    fields = (
        "public_id", "organization", "name", "slug", "is_default",
        "allow_external_collaborators", "created_at", "created_by",
        "archived_at", "archived_by",
    )  # fmt: skip
    inlines = (CollaboratorInline, ServiceAccountInline)
