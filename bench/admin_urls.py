"""The console's addresses, and in Django admin a changelist to measure the collaborators page by."""

from django.contrib import admin
from django.urls import path

from accounts.admin import ReadOnly
from console.urls import urlpatterns as console_urls
from projects.models import Collaborator


@admin.register(Collaborator)
class CollaboratorAdmin(ReadOnly, admin.ModelAdmin[Collaborator]):
    """The columns, filter and search of our page, as many rows."""

    list_display = ("name", "email", "type", "role", "added_at")
    list_select_related = ("user", "membership")
    list_per_page = 50
    list_filter = ("role",)
    search_fields = ("user__name", "user__email")

    def name(self, row: Collaborator) -> str:
        return row.user.name

    def email(self, row: Collaborator) -> str:
        return row.user.email

    def type(self, row: Collaborator) -> str:
        return row.membership.get_role_display() if row.membership else "External"


urlpatterns = [path("admin/", admin.site.urls), *console_urls]
