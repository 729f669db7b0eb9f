"""Service credentials in Django admin, where support staff create and revoke them."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, reverse

from accounts.actors import Actor
from accounts.admin import ReadOnly
from accounts.forms import ActionForm, CreatingForm, NameFormField, get_form_data
from accounts.support.admin_actions import (
    StaffAction,
    StaffActionsAdmin,
    call_service,
    describe_key_delay,
)
from keys.credentials.services import MAKE, REVOKE, create_credential, revoke_credential
from keys.models import ServiceCredential


class CredentialForm(CreatingForm):
    """The name of a new credential. Sent twice, it leads to the credential but does not show its secret."""

    name = NameFormField(
        label="Name",
        help_text="The program that will use it, such as gateway or metering.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


def credential_facts(credential: ServiceCredential) -> list[tuple[str, object]]:
    return [
        ("Service credential", credential.name),
        ("Hint", credential.hint),
        ("Last used", credential.last_used_at or "Never"),
        (
            "What happens",
            "The program that uses it loses access immediately. This can't be undone.",
        ),
        *describe_key_delay(),
    ]


REVOKE_CREDENTIAL = StaffAction(
    name="revoke",
    title="Revoke the service credential",
    button="Revoke",
    form=lambda data, credential: ActionForm(data),
    facts=credential_facts,
    perform=call_service(revoke_credential, "credential"),
    done="Revoked. The program that used it no longer has access.",
    permission=REVOKE,
)


class CredentialAdmin(ReadOnly, StaffActionsAdmin):
    staff_actions = (REVOKE_CREDENTIAL,)
    list_display = ("name", "hint", "state", "created_at", "creator", "last_used_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    list_select_related = ("created_by",)
    ordering = ("-created_at", "-pk")
    search_fields = ("search_text", "public_id", "hint")
    fields = readonly_fields = (
        "public_id", "name", "hint", "created_at", "creator", "last_used_at", "revoked_at", "revoked_by",
    )  # fmt: skip

    @admin.display(description="Created by")
    def creator(self, credential: ServiceCredential) -> str:
        """Returns the person who created it; those without one were created by the command."""
        return str(credential.created_by or "bin/manage")

    def get_urls(self) -> list[URLPattern]:
        return [self.build_pattern("create/", "create", self.create_page), *super().get_urls()]

    def create_page(self, request: HttpRequest) -> HttpResponse:
        """Creates a credential and renders the only page that shows its secret."""
        if not request.user.has_perm(MAKE):
            raise PermissionDenied
        form, actor = CredentialForm(get_form_data(request)), Actor.of(request)
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "own_page": reverse("admin:keys_servicecredential_changelist"),
            "original": "Service credentials",
            "title": "Create a service credential",
            "button": "Create",
            "form": form,
        }
        if form.is_bound and form.perform_once(
            partial(create_credential, actor=actor),
            actor=actor,
            locate=lambda issued: self.change_url(issued.credential),
        ):
            if form.is_repeated:
                return form.answer(request, str)
            self.log_addition(request, form.result.credential, "Created.")
            context |= {"issued": form.result, "title": "Copy the new service credential"}
            return render(request, "admin/keys/servicecredential/secret.html", context)
        return render(request, "admin/act.html", context, status=form.status)
