"""Pages of the budgets of organizations and of projects: the list, a budget, and a page for each act."""

from django.http import HttpRequest, HttpResponse

from accounts.access.decorators import READ_METHODS
from accounts.access.organization import OrganizationAccess, organization_page
from accounts.permissions import Permission
from projects.access import ProjectAccess, project_page
from usage.budgets.pages import acts

SEE, MANAGE = Permission.BUDGETS_SEE, Permission.BUDGETS_MANAGE
SEE_OF_PROJECT, MANAGE_OF_PROJECT = (
    Permission.PROJECT_BUDGETS_SEE,
    Permission.PROJECT_BUDGETS_MANAGE,
)
NAV, PROJECT_NAV = "budgets", "project_budgets"


@organization_page(SEE, READ_METHODS, title="Budgets")
def budgets(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    return acts.render_list(request, access)


@organization_page(SEE, READ_METHODS, title="Budget", nav=NAV)
def budget(request: HttpRequest, access: OrganizationAccess, reference: str) -> HttpResponse:
    return acts.render_budget(request, access, reference)


@organization_page(MANAGE, title="New budget", nav=NAV)
def create(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    return acts.create(request, access)


@organization_page(MANAGE, title="Change budget", nav=NAV)
def change(request: HttpRequest, access: OrganizationAccess, reference: str) -> HttpResponse:
    return acts.change(request, access, reference)


@organization_page(MANAGE, title="Delete budget", nav=NAV)
def delete(request: HttpRequest, access: OrganizationAccess, reference: str) -> HttpResponse:
    return acts.delete(request, access, reference)


@organization_page(MANAGE, title="Send a test alert", nav=NAV)
def send_test(request: HttpRequest, access: OrganizationAccess, reference: str) -> HttpResponse:
    return acts.send_test(request, access, reference)


@project_page(SEE_OF_PROJECT, READ_METHODS, title="Budgets")
def project_budgets(request: HttpRequest, access: ProjectAccess) -> HttpResponse:
    return acts.render_list(request, access)


@project_page(SEE_OF_PROJECT, READ_METHODS, title="Budget", nav=PROJECT_NAV)
def project_budget(request: HttpRequest, access: ProjectAccess, reference: str) -> HttpResponse:
    return acts.render_budget(request, access, reference)


@project_page(MANAGE_OF_PROJECT, title="New budget", nav=PROJECT_NAV)
def create_of_project(request: HttpRequest, access: ProjectAccess) -> HttpResponse:
    return acts.create(request, access)


@project_page(MANAGE_OF_PROJECT, title="Change budget", nav=PROJECT_NAV)
def change_of_project(request: HttpRequest, access: ProjectAccess, reference: str) -> HttpResponse:
    return acts.change(request, access, reference)


@project_page(MANAGE_OF_PROJECT, title="Delete budget", nav=PROJECT_NAV)
def delete_of_project(request: HttpRequest, access: ProjectAccess, reference: str) -> HttpResponse:
    return acts.delete(request, access, reference)


@project_page(MANAGE_OF_PROJECT, title="Send a test alert", nav=PROJECT_NAV)
def send_test_of_project(
    request: HttpRequest, access: ProjectAccess, reference: str
) -> HttpResponse:
    return acts.send_test(request, access, reference)
