"""Pages of service accounts: the list, and a page for each action."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.access.decorators import READ_METHODS
from accounts.actors import Actor
from accounts.forms import get_form_data
from accounts.permissions import Permission
from projects.access import ProjectAccess, project_page
from projects.models import ServiceAccount
from projects.service_accounts.forms import (
    AccountRoleForm,
    CreateAccountForm,
    RenameAccountForm,
)
from projects.service_accounts.lists import list_accounts
from projects.service_accounts.rights import find_managed_account
from projects.service_accounts.services import (
    create_service_account,
    update_service_account,
)

SEE, MANAGE = Permission.SERVICE_ACCOUNTS_SEE, Permission.SERVICE_ACCOUNTS_MANAGE
NAV = "collaborators"


def get_account_url(account: ServiceAccount) -> str:
    return reverse("service_account", args=[account.project.slug, account.public_id])


def build_context(access: ProjectAccess, **context: Any) -> dict[str, Any]:
    """Returns the context that all these pages share, with `context` added."""
    return {
        "access": access,
        "may": access.may,
        "project": access.project,
        "organization": access.organization,
        **context,
    }


@project_page(SEE, READ_METHODS, title="Service accounts", nav=NAV)
def service_accounts(request: HttpRequest, access: ProjectAccess) -> HttpResponse:
    context = build_context(access, service_accounts=list_accounts(access))
    return render(request, "projects/service_accounts/list.html", context)


@project_page(MANAGE, title="Create service account", nav=NAV)
def create(request: HttpRequest, access: ProjectAccess) -> HttpResponse:
    actor, form = Actor.of(request), CreateAccountForm(get_form_data(request))
    if form.is_bound and form.perform_once(
        lambda **data: create_service_account(actor=actor, project=access.project, **data),
        actor=actor,
        locate=get_account_url,
    ):
        return form.answer(request, lambda: f"{form.result.name} was created.")
    cancel_url = reverse("collaborators", args=[access.project.slug])
    context = build_context(access, form=form, cancel_url=cancel_url)
    return render(request, "projects/service_accounts/create.html", context, status=form.status)


@project_page(MANAGE, title="Rename service account", nav=NAV)
def rename(request: HttpRequest, access: ProjectAccess, reference: str) -> HttpResponse:
    account, actor = find_managed_account(access, reference), Actor.of(request)
    form = RenameAccountForm(get_form_data(request), initial={"name": account.name})
    if form.is_bound and form.perform(
        lambda name: update_service_account(actor=actor, account=account, name=name)
    ):
        messages.success(request, f"The service account is called {form.result.name} now.")
        return redirect(get_account_url(account))
    context = build_context(access, form=form, account=account, cancel_url=get_account_url(account))
    return render(request, "projects/service_accounts/rename.html", context, status=form.status)


@project_page(MANAGE, title="Change role", nav=NAV)
def role(request: HttpRequest, access: ProjectAccess, reference: str) -> HttpResponse:
    account, actor = find_managed_account(access, reference), Actor.of(request)
    form = AccountRoleForm(get_form_data(request), initial={"role": account.role})
    if form.is_bound and form.perform(
        lambda role: update_service_account(actor=actor, account=account, role=role)
    ):
        label = form.result.get_role_display()
        messages.success(request, f"The role of {account.name} is now: {label}.")
        return redirect(get_account_url(account))
    context = build_context(access, form=form, account=account, cancel_url=get_account_url(account))
    return render(request, "projects/service_accounts/role.html", context, status=form.status)
