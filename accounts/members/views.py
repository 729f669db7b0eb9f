"""Pages of members: the list, and one page for each action."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.access.decorators import READ_METHODS
from accounts.access.organization import OrganizationAccess, organization_page
from accounts.actors import Actor
from accounts.forms import ActionForm, get_form_data
from accounts.members.departure import Departure
from accounts.members.forms import MemberRoleForm
from accounts.members.lists import build_member_list
from accounts.members.removal_forms import RemovalForm, describe_revoked_keys
from accounts.members.services import (
    HAND_OVER_FIRST,
    change_member_role,
    leave_organization,
    list_admin_keys,
    may_change,
    remove_member,
)
from accounts.models import Membership
from accounts.permissions import (
    GRANTABLE_ORGANIZATION_ROLES,
    OrganizationRole,
    Permission,
    may_leave_organization,
)

MANAGE = Permission.MEMBERS_MANAGE


def members_url(access: OrganizationAccess) -> str:
    return reverse("members", args=[access.organization.slug])


def action_context(access: OrganizationAccess, **context: object) -> dict[str, object]:
    """Returns the context that the pages of all actions share, with `context` added."""
    return {
        "access": access,
        "organization": access.organization,
        "cancel_url": members_url(access),
        **context,
    }


def find_member(access: OrganizationAccess, public_id: str) -> Membership:
    """Returns the member with that id. Raises Http404 for others, PermissionDenied if out of reach."""
    members = access.organization.memberships.with_users()
    member = members.filter(user__public_id=public_id).first()
    if member is None:
        raise Http404
    if not may_change(access, member):
        raise PermissionDenied
    return member


@organization_page(Permission.MEMBERS_SEE, READ_METHODS, title="Members")
def members(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    return render(request, "accounts/members/list.html", build_member_list(access, request.GET))


@organization_page(MANAGE, title="Change role", nav="members")
def role(request: HttpRequest, access: OrganizationAccess, reference: str) -> HttpResponse:
    member, actor = find_member(access, reference), Actor.of(request)
    other = next(role for role in GRANTABLE_ORGANIZATION_ROLES if role != member.role)
    admin_keys = list_admin_keys(access.organization, [member.user])
    form = MemberRoleForm(get_form_data(request), initial={"role": other}, admin_keys=admin_keys)
    if form.is_bound and form.perform(
        lambda **data: change_member_role(actor=actor, membership=member, **data)
    ):
        label = OrganizationRole(form.result.role).label
        messages.success(request, f"{member.user.name} is now {label} of {access.organization}.")
        return redirect(members_url(access))
    context = action_context(
        access, form=form, member=member, is_you=access.principal.is_user(member.user_id)
    ) | {"admin_keys": admin_keys}
    return render(request, "accounts/members/role.html", context, status=form.status)


@organization_page(MANAGE, title="Remove member", nav="members")
def remove(request: HttpRequest, access: OrganizationAccess, reference: str) -> HttpResponse:
    member, actor = find_member(access, reference), Actor.of(request)
    loses, is_you = Departure(member), access.principal.is_user(member.user_id)
    form = RemovalForm(get_form_data(request), keys=loses.keys)
    if form.is_bound and form.perform(
        lambda **data: remove_member(actor=actor, membership=member, **data)
    ):
        removed = f"{member.user.name} was removed from {access.organization}."
        messages.success(request, removed + describe_revoked_keys(form.result))
        return redirect(reverse("home") if is_you else members_url(access))
    context = action_context(access, form=form, member=member, is_you=is_you, loses=loses)
    return render(request, "accounts/members/remove.html", context, status=form.status)


@organization_page(Permission.ORGANIZATION_LEAVE, title="Leave organization", nav="members")
def leave(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    form, actor = ActionForm(get_form_data(request)), Actor.of(request)
    if form.is_bound and form.perform(
        lambda: leave_organization(actor=actor, organization=access.organization)
    ):
        messages.success(request, f"You left {access.organization}.")
        return redirect("home")
    member = access.organization.memberships.with_users().get(user=access.principal.user)
    bound_by = "" if may_leave_organization(access.role) else HAND_OVER_FIRST
    context = action_context(
        access, form=form, member=member, loses=Departure(member), bound_by=bound_by
    )
    return render(request, "accounts/members/leave.html", context, status=form.status)
