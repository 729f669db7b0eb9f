"""The page of a service account with its tokens and API keys, and the pages that create and revoke them."""

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.access.decorators import READ_METHODS
from accounts.access.freshness import fresh_sign_in
from accounts.actors import Actor
from accounts.errors import Withheld
from accounts.forms import get_form_data
from accounts.web.formatting import format_count
from keys.admin_keys.forms import RevokeCredentialForm
from keys.api_keys.forms import CreateKeyForm
from keys.api_keys.views import format_key_curl
from keys.models.lineage import Lineage
from keys.policy.issuing import check_issuing
from keys.secrets import format_curl
from keys.service_accounts.access import find_account_token
from keys.service_accounts.forms import CreateAccountTokenForm, RemoveAccountForm
from keys.service_accounts.services import (
    IssuedAccountToken,
    create_account_key,
    create_account_token,
    find_lineage,
    remove_account_with_created,
    revoke_account_token,
)
from projects.access import ProjectAccess, project_page
from projects.service_accounts.rights import (
    find_account,
    find_managed_account,
    may_manage_account,
)
from projects.service_accounts.views import (
    MANAGE,
    NAV,
    SEE,
    build_context,
    get_account_url,
)


@project_page(SEE, READ_METHODS, title="Service account", nav=NAV)
def service_account(request: HttpRequest, access: ProjectAccess, reference: str) -> HttpResponse:
    account = find_account(access, reference)
    keys = account.api_keys.unrevoked().with_use().prefetch_related("secrets")
    context = build_context(
        access,
        account=account,
        tokens=account.tokens.unrevoked().select_related("created_by").order_by("-pk"),
        keys=keys.order_by("search_text", "pk"),
        may_manage=may_manage_account(access, account),
    )
    return render(request, "keys/service_accounts/account.html", context)


@project_page(MANAGE, title="Remove service account", nav=NAV)
def remove(request: HttpRequest, access: ProjectAccess, reference: str) -> HttpResponse:
    account, actor = find_managed_account(access, reference), Actor.of(request)
    lineage = find_lineage(access, account)
    form = RemoveAccountForm(get_form_data(request), lineage, account)
    if form.is_bound and form.perform(
        partial(remove_account_with_created, actor=actor, account=account)
    ):
        revoked = format_count(form.result, "API key")
        messages.success(request, f"{account.name} was removed. {revoked} revoked.")
        return redirect("collaborators", slug=access.project.slug)
    context = build_context(
        access,
        form=form,
        account=account,
        keys=account.api_keys.active().with_use().order_by("search_text", "pk"),
        tokens=account.tokens.live().order_by("search_text", "pk"),
        created=lineage.tokens,
        invitations=access.organization.invitations.sent_by_program(account.public_id).count(),
        cancel_url=get_account_url(account),
    )
    return render(request, "keys/service_accounts/remove.html", context, status=form.status)


@project_page(MANAGE, title="Create token", nav=NAV)
@fresh_sign_in
def create_token(request: HttpRequest, access: ProjectAccess, reference: str) -> HttpResponse:
    account, actor = find_managed_account(access, reference), Actor.of(request)
    form, here = CreateAccountTokenForm(get_form_data(request)), get_account_url(account)
    if form.is_bound and form.perform_once(
        lambda **data: create_account_token(actor=actor, account=account, **data),
        actor=actor,
        locate=lambda issued: here,
    ):
        if form.is_repeated:
            return form.answer(request, str)
        return token_page(request, access, form.result)
    context = build_context(access, form=form, account=account, cancel_url=here)
    return render(request, "keys/service_accounts/create_token.html", context, status=form.status)


def token_page(
    request: HttpRequest, access: ProjectAccess, issued: IssuedAccountToken
) -> HttpResponse:
    """Renders the only page that shows the secret. `no-store`, like every signed-in page."""
    context = build_context(
        access,
        token=issued.token,
        account=issued.token.service_account,
        secret=issued.secret,
        curl=format_curl(request, "api_whoami", issued.secret),
        cancel_url=get_account_url(issued.token.service_account),
    )
    return render(request, "keys/service_accounts/token_secret.html", context)


@project_page(MANAGE, title="Revoke token", nav=NAV)
def revoke_token(request: HttpRequest, access: ProjectAccess, reference: str) -> HttpResponse:
    token = find_account_token(access, reference)
    account = find_managed_account(access, token.service_account.public_id)
    lineage, actor = Lineage(access.organization, [token]), Actor.of(request)
    form = RevokeCredentialForm(get_form_data(request), lineage)
    if form.is_bound and form.perform(
        lambda **data: revoke_account_token(actor=actor, token=token, **data)
    ):
        messages.success(request, f"{token.name} was revoked.")
        return redirect(get_account_url(account))
    here = get_account_url(account)
    context = build_context(
        access, form=form, account=account, token=token, lineage=lineage, cancel_url=here
    )
    return render(request, "keys/service_accounts/revoke_token.html", context, status=form.status)


@project_page(MANAGE, title="Create API key", nav=NAV)
def create_key(request: HttpRequest, access: ProjectAccess, reference: str) -> HttpResponse:
    account, actor = find_managed_account(access, reference), Actor.of(request)
    policy, why_not = check_issuing(access)
    if why_not:
        raise Withheld(why_not)
    form, here = CreateKeyForm(get_form_data(request), policy=policy), get_account_url(account)
    context = build_context(access, form=form, account=account, cancel_url=here)
    if form.is_bound and form.perform_once(
        partial(create_account_key, actor=actor, account=account),
        actor=actor,
        locate=lambda issued: here,
    ):
        if form.is_repeated:
            return form.answer(request, str)
        key, secret = form.result.key, form.result.secret
        context |= {"key": key, "secret": secret, "curl": format_key_curl(request, secret)}
        return render(request, "keys/api_keys/secret.html", context)
    return render(request, "keys/service_accounts/create_key.html", context, status=form.status)
