"""Pages of all personal access tokens for an organization and its projects."""

from functools import partial

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.access.decorators import READ_METHODS
from accounts.access.organization import OrganizationAccess, organization_page
from accounts.actors import Actor
from accounts.forms import get_form_data
from accounts.permissions import Permission
from keys.admin_keys.forms import RevokeCredentialForm
from keys.models.lineage import Lineage
from keys.personal_tokens.lists import organization_token_list
from keys.personal_tokens.services import revoke_members_token


@organization_page(
    Permission.ORGANIZATION_TOKENS_SEE, READ_METHODS, title="Access tokens", nav="organization_keys"
)
def organization_tokens(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    context = organization_token_list(access, request.GET)
    return render(request, "keys/personal_tokens/organization_list.html", context)


@organization_page(
    Permission.ORGANIZATION_TOKENS_REVOKE, title="Revoke access token", nav="organization_keys"
)
def revoke(request: HttpRequest, access: OrganizationAccess, reference: str) -> HttpResponse:
    organization, actor = access.organization, Actor.of(request)
    token = organization.personal_tokens.in_full().filter(public_id=reference).first()
    if token is None:
        raise Http404
    lineage, here = (
        Lineage(organization, [token]),
        reverse("organization_tokens", args=[organization.slug]),
    )
    form = RevokeCredentialForm(get_form_data(request), lineage)
    revoke_it = partial(revoke_members_token, actor=actor, organization=organization, token=token)
    if form.is_bound and form.perform(revoke_it):
        messages.success(request, f"{token.name} of {token.user.name} was revoked.")
        return redirect(here)
    context = {"access": access, "form": form, "token": token, "lineage": lineage}
    context["cancel_url"] = here
    return render(request, "keys/personal_tokens/revoke.html", context, status=form.status)
