"""Pages of an organization's API keys: the list, revoking several, the key policy."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.access.decorators import READ_METHODS
from accounts.access.organization import OrganizationAccess, organization_page
from accounts.actors import Actor
from accounts.forms import get_form_data
from accounts.permissions import Permission
from accounts.web.csv_files import csv_response, wants_byte_order_mark
from keys.inventory.lists import (
    KeyInventoryQuery,
    export_rows,
    listed_keys,
    organization_key_list,
    split_chosen,
)
from keys.inventory.segments import count_segments
from keys.inventory.services import revoke_several
from keys.models import KeyPolicy
from keys.policy.forms import KeyPolicyForm, RevokeSeveralForm
from keys.policy.services.policy import change_policy, count_waiting_keys


@organization_page(Permission.ORGANIZATION_KEYS_SEE, READ_METHODS, title="API keys")
def organization_keys(request: HttpRequest, access: OrganizationAccess) -> HttpResponseBase:
    """Lists the keys; with `format=csv` all matches as a file."""
    if request.GET.get("format") == "csv":
        rows = export_rows(access.organization, KeyInventoryQuery.parse(request.GET))
        name = f"api-keys-{access.organization.slug}.csv"
        return csv_response(name, rows, for_excel=wants_byte_order_mark(request))
    context = organization_key_list(access, request.GET)
    return render(request, "keys/inventory/list.html", context)


@organization_page(
    Permission.ORGANIZATION_KEYS_REVOKE, title="Revoke API keys", nav="organization_keys"
)
def revoke(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    """GET asks to confirm the keys selected in the list (`keys`), POST revokes them."""
    organization, actor = access.organization, Actor.of(request)
    chosen = request.GET if "keys" in request.GET else None
    data = request.POST if request.method == "POST" else chosen
    form = RevokeSeveralForm(data, among=listed_keys(organization))
    here = reverse("organization_keys", args=[organization.slug])
    back = here + KeyInventoryQuery.parse(request.GET).url()
    if request.method == "POST" and form.perform(
        lambda **data: revoke_several(actor=actor, organization=organization, **data)
    ):
        messages.success(request, describe_revoked([key.name for key in form.result]))
        return redirect(back)
    context = {"access": access, "form": form, "cancel_url": back, **split_chosen(form.chosen)}
    return render(request, "keys/inventory/revoke.html", context, status=form.status)


def describe_revoked(names: list[str]) -> str:
    return f"{names[0]} was revoked." if len(names) == 1 else f"{len(names)} keys were revoked."


@organization_page(Permission.KEY_POLICY_CHANGE, title="Key policy", nav="organization_keys")
def key_policy(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    organization, actor = access.organization, Actor.of(request)
    policy = KeyPolicy.of(organization)
    form = KeyPolicyForm(get_form_data(request), policy=policy)
    if form.is_bound and form.perform(
        lambda **data: change_policy(actor=actor, organization=organization, **data)
    ):
        messages.success(request, describe_saved(count_waiting_keys(form.result)))
        return redirect("key_policy", organization.slug)
    counted = count_segments(listed_keys(organization), policy)
    context = {
        "access": access,
        "form": form,
        "policy": policy,
        "numbers": {look.name: number for look, number in counted.items()},
    }
    return render(request, "keys/policy/policy.html", context, status=form.status)


def describe_saved(number: int) -> str:
    """Returns the message after saving, with how many keys the worker revokes next."""
    if not number:
        return "Key policy saved."
    if number == 1:
        return "Key policy saved. 1 unused key will be revoked within a minute."
    return f"Key policy saved. {number} unused keys will be revoked within a minute."
