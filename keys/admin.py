"""Read-only Django admin for support staff: keys, key policies and leak reports.

Service credentials, which staff create and revoke, are in `keys/credentials/admin.py`. Of a secret, only
the hint is shown.
"""

from django.contrib import admin

from accounts.admin import ReadOnly
from keys.credentials.admin import CredentialAdmin
from keys.models import ApiKey, KeyPolicy, KeySecret, LeakReport, ServiceCredential

admin.site.register(ServiceCredential, CredentialAdmin)


class KeySecretInline(ReadOnly, admin.TabularInline[KeySecret, ApiKey]):
    model = KeySecret
    fk_name = "api_key"
    fields = readonly_fields = (
        "hint", "created_by", "created_at", "ends_at", "last_used_at", "may_read_usage",
    )  # fmt: skip
    max_num = 0
    extra = 0


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnly, admin.ModelAdmin[ApiKey]):
    list_display = (
        "name", "public_id", "project", "kind", "created_by", "created_at", "expires_at", "revoked_at",
    )  # fmt: skip
    list_filter = (
        "kind",
        ("expires_at", admin.EmptyFieldListFilter),
        ("revoked_at", admin.EmptyFieldListFilter),
    )
    linked_lookups = ("project__organization__id__exact",)
    list_select_related = ("project", "created_by")
    ordering = ("-created_at", "-pk")
    search_fields = (
        "search_text", "public_id", "secrets__hint", "created_by__search_text",
        "project__search_text", "project__organization__search_text",
    )  # fmt: skip
    fields = (
        "public_id", "name", "kind", "project", "service_account", "created_by", "created_at", "expires_at",
        "reminded_days", "revoked_at", "revoked_by", "revoked_because",
    )  # fmt: skip
    inlines = (KeySecretInline,)


@admin.register(KeyPolicy)
class KeyPolicyAdmin(ReadOnly, admin.ModelAdmin[KeyPolicy]):
    list_display = (
        "organization", "longest_days", "expiry_required", "makers", "unused_days", "on_leak",
    )  # fmt: skip
    list_filter = ("makers", "on_leak", "expiry_required")
    list_select_related = ("organization",)
    ordering = ("organization__slug", "pk")
    search_fields = ("organization__search_text",)
    fields = list_display


@admin.register(LeakReport)
class LeakReportAdmin(ReadOnly, admin.ModelAdmin[LeakReport]):
    list_display = ("hint", "owner", "url", "source", "reporter", "reported_at", "revoked")
    list_filter = ("revoked", ("credential", admin.EmptyFieldListFilter))
    list_select_related = ("secret__api_key__project", "credential")
    ordering = ("-reported_at", "-pk")
    search_fields = (
        "url", "reporter", "secret__hint", "secret__api_key__public_id",
        "secret__api_key__project__organization__search_text", "credential__search_text",
    )  # fmt: skip
    fields = readonly_fields = list_display

    @admin.display(description="Secret")
    def hint(self, report: LeakReport) -> str:
        return report.hint

    @admin.display(description="Owner")
    def owner(self, report: LeakReport) -> str:
        return report.owner
