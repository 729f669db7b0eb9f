"""The page of an organization's sign-in rules."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.access.organization import OrganizationAccess, organization_page
from accounts.actors import Actor
from accounts.forms import ActionForm, get_form_data
from accounts.organizations.services.sign_in_rules import change_sign_in_rules, describe_rules
from accounts.permissions import Permission


class SignInRulesForm(ActionForm):
    """Of whom an organization requires a second factor."""

    members = forms.BooleanField(
        label="Members must have a second factor",
        required=False,
        help_text="Also Admins and the Owner.",
    )
    externals = forms.BooleanField(
        label="External collaborators must have a second factor", required=False
    )


@organization_page(
    Permission.SIGN_IN_RULES_CHANGE, title="Sign-in rules", nav="organization_settings"
)
def sign_in_rules(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    organization, actor = access.organization, Actor.of(request)
    form = SignInRulesForm(get_form_data(request), initial=describe_rules(organization))
    if form.is_bound and form.perform(
        lambda **data: change_sign_in_rules(actor=actor, organization=organization, **data)
    ):
        messages.success(request, "Sign-in rules saved.")
        return redirect("organization_settings", organization.slug)
    context = {
        "access": access,
        "form": form,
        "members_without": len(
            organization.list_people_without_factor(members=True, externals=False)
        ),
        "externals_without": len(
            organization.list_people_without_factor(members=False, externals=True)
        ),
        "cancel_url": reverse("organization_settings", args=[organization.slug]),
    }
    return render(request, "accounts/organizations/sign_in_rules.html", context, status=form.status)
