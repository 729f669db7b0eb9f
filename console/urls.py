"""All URLs of the console. Each names one page or action."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import include, path

from accounts.access.decorators import public_route, signed_in_page
from accounts.access.organization import find_organization_awaiting_factor, raise_if_factor_missing
from accounts.actors import Actor
from console.api import openapi
from console.api.reference import views as reference
from console.operations import health
from console.web import converters
from console.web.help import help_page
from console.web.search import views as search_views
from console.web.security_txt import security_txt
from console.web.staff_factor import put_off_factor
from projects.access import find_selected_project

__all__ = ["converters", "urlpatterns"]

handler400 = "console.web.errors.bad_request"
handler403 = "console.web.errors.forbidden"
handler404 = "console.web.errors.not_found"
handler429 = "console.web.errors.too_many_requests"
handler500 = "console.web.errors.server_error"


@signed_in_page(title="Welcome", viewable=True)
def home(request: HttpRequest) -> HttpResponse:
    """Redirects to the selected project, or support staff without a project to Django admin."""
    project = find_selected_project(request)
    if project:
        return redirect("project", project.slug)
    if request.user.is_staff:
        return redirect("admin:index")
    raise_if_factor_missing(find_organization_awaiting_factor(Actor.of(request).person))
    return render(request, "accounts/organizations/no_organization.html")


@public_route()
def favicon(request: HttpRequest) -> HttpResponse:
    """Redirects clients that request /favicon.ico. The file's name contains a hash and can change."""
    return redirect(static("favicon.svg"))


urlpatterns = [
    path("", home, name="home"),
    path("favicon.ico", favicon, name="favicon"),
    path("search/", search_views.search, name="search"),
    path("v1/openapi.json", openapi.openapi, name="openapi"),
    path("docs/api/", reference.reference, name="api_reference"),
    path("docs/api/<slug:slug>/", reference.operation, name="api_operation"),
    path(".well-known/security.txt", security_txt, name="security_txt"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("accounts/security/put-off/", put_off_factor, name="staff_factor_put_off"),
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
    path("", include("projects.urls")),
    path("", include("keys.urls")),
    path("", include("usage.urls")),
    path("help/", help_page, name="help"),
    path("accounts/", include("console.web.allauth_urls")),
]
