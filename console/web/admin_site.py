"""Django admin for support staff: the apps' own tables, and no second way around a page of the console."""

from collections.abc import Iterable
from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.account.views import logout as sign_out_page
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.views.generic import RedirectView

from accounts.enums import SupportRequestState
from accounts.models import SupportRequest, User
from accounts.web.list_query import filter_text
from console.desk.search import MIN_LENGTH, search_customers
from console.desk.sections import build_sections, list_staff_events
from console.desk.tables import list_tables
from console.web.staff_factor import lacks_factor

OWN_APPS = ("accounts", "projects", "keys", "usage")


class SupportSite(admin.AdminSite):
    """The site behind `admin.site`.

    Libraries' own tables are not registered. Signing in and out and changing a password happen on the
    same pages as for everyone else, so that they are throttled, recorded and mailed about.
    """

    site_header = site_title = "Console support"
    index_title = "Desk"
    site_url = None  # the home page of staff is Django admin itself

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff need a second factor; where it is optional, they can put it off in this session."""
        return super().has_permission(request) and not lacks_factor(request)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Where staff are sent whom Django admin does not let in.

        Without the library's form: it would take passwords past the limits, the second factor and the
        audit log.
        """
        if super().has_permission(request) and lacks_factor(request):
            context = {"is_optional": settings.STAFF_SECOND_FACTOR_OPTIONAL}
            return render(request, "admin/second_factor.html", context, status=403)
        if not super().has_permission(request):
            raise PermissionDenied
        return redirect("admin:index")

    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: type[admin.ModelAdmin[Any]] | None = None,
        **options: Any,
    ) -> None:
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        own_models = [model for model in models if model._meta.app_label in OWN_APPS]
        super().register(own_models, admin_class, **options)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """The desk: what waits, or what a search over all customers matches."""
        text = filter_text(request.GET.get("q", ""))
        if len(text) >= MIN_LENGTH:
            desk: dict[str, Any] = {"q": text, "results": list(search_customers(text))}
        else:
            assert isinstance(request.user, User)
            sections = list(build_sections(request.user))
            desk = {"q": "", "sections": sections, "today": list_staff_events(request.user)}
        tables = {"tables": list_tables()}
        return super().index(request, {**desk, **tables, **(extra_context or {})})

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Adds how many requests wait, which the head of every page says."""
        context = super().each_context(request)
        pending = SupportRequest.objects.filter(state=SupportRequestState.PENDING)
        return {**context, "waiting_requests": pending.count() if context["has_permission"] else 0}

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Django's own, with the pages that everyone uses in place of their twins."""
        password = self.admin_view(RedirectView.as_view(pattern_name="account_change_password"))
        shared = [
            path("login/", secure_admin_login(self.login), name="login"),
            path("logout/", self.admin_view(sign_out_page), name="logout"),
            path("password_change/", password, name="password_change"),
            path("password_change/done/", password, name="password_change_done"),
        ]
        names = {address.name for address in shared}
        own = super().get_urls()
        return [*shared, *(address for address in own if getattr(address, "name", "") not in names)]
