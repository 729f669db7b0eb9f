"""One write for each constraint that goes past the code, for the database to refuse."""

from collections.abc import Callable
from typing import Any

from django.db import models
from django.utils import timezone

from accounts.models import (
    AuditChain,
    AuditEvent,
    Membership,
    MutedNotification,
    OutgoingMail,
    OwnershipOffer,
    ViewAs,
)
from accounts.models.support import VIEW_LIFETIME
from tests.database.attempts.admin_keys import ADMIN_KEY_ATTEMPTS
from tests.database.attempts.api_keys import KEY_ATTEMPTS
from tests.database.attempts.budgets import BUDGET_ATTEMPTS
from tests.database.attempts.periods import PERIOD_ATTEMPTS
from tests.database.attempts.personal_tokens import TOKEN_ATTEMPTS
from tests.database.attempts.request_limits import LIMIT_ATTEMPTS
from tests.database.attempts.service_accounts import ACCOUNT_ATTEMPTS
from tests.database.attempts.sign_in import SIGN_IN_ATTEMPTS
from tests.database.attempts.tags import TAG_ATTEMPTS
from tests.database.attempts.terminals import TERMINAL_ATTEMPTS
from tests.database.attempts.usage import USAGE_ATTEMPTS
from tests.database.refusals import run
from tests.database.writes import changed, copied
from tests.world import World

Attempt = Callable[[World], object]


def event(world: World) -> AuditEvent:
    return world.organization.audit_events.all()[:1].get()


def new_event(world: World, **values: Any) -> list[models.Model]:
    return copied(event(world), **values)


def membership(world: World) -> Membership:
    return world.member.memberships.get()


def offer(world: World) -> OwnershipOffer:
    """The Owner's to the Admin."""
    found, _ = OwnershipOffer.objects.get_or_create(
        organization=world.organization, offered_by=world.owner, offered_to=world.admin
    )
    return found


def view(world: World) -> ViewAs:
    found, _ = ViewAs.objects.get_or_create(
        staff=world.staff, organization=world.organization, user=world.member, reason="A look."
    )
    return found


def muted(world: World) -> MutedNotification:
    return world.member.muted_notifications.get_or_create(kind="role_changed")[0]


def mail(world: World) -> OutgoingMail:
    return OutgoingMail.objects.filter(invitation=world.invitation).get()


# Constraint → what SQLite calls it (PostgreSQL and all checks say its name), and an attempt.
ATTEMPTS: dict[str, tuple[str, Attempt]] = {
    "user_email_unique": (
        "user_email_unique",
        lambda w: run(
            "UPDATE accounts_user SET email = %s WHERE id = %s",
            "Owner@Northwind.Example",
            w.member.pk,
        ),
    ),
    "user_home_organization_present": (
        "user_home_organization_present",
        lambda w: changed(w.member, home_organization=None),
    ),
    "organization_project_limit_positive": (
        "organization_project_limit_positive",
        # A new row: for an existing one the limit below its projects is refused first.
        lambda w: copied(w.organization, slug="northwind-two", project_limit=0),
    ),
    "organization_state_known": (
        "organization_state_known",
        lambda w: changed(w.organization, state="asleep"),
    ),
    "ownershipoffer_one_pending": (
        "accounts_ownershipoffer.organization_id",
        lambda w: copied(offer(w), offered_to_id=w.member.pk),
    ),
    "ownershipoffer_somebody_else": (
        "ownershipoffer_somebody_else",
        lambda w: OwnershipOffer.objects.create(
            organization=w.organization, offered_by=w.owner, offered_to=w.owner
        ),
    ),
    "ownershipoffer_state_known": (
        "ownershipoffer_state_known",
        lambda w: changed(offer(w), state="lost"),
    ),
    "viewas_one_at_a_time": (
        "accounts_viewas.staff_id",
        lambda w: copied(view(w)),
    ),
    "viewas_half_an_hour": (
        "viewas_half_an_hour",
        lambda w: changed(view(w), ends_at=view(w).started_at + 2 * VIEW_LIFETIME),
    ),
    "viewas_somebody_else": (
        "viewas_somebody_else",
        lambda w: changed(view(w), staff=w.member),
    ),
    "formtoken_once_per_user": (
        "accounts_formtoken.user_id, accounts_formtoken.token",
        lambda w: copied(w.owner.form_tokens.create(token="sent")),
    ),
    "mutednotification_once": (
        "accounts_mutednotification.user_id, accounts_mutednotification.kind",
        lambda w: copied(muted(w)),
    ),
    "mutednotification_kind_known": (
        "mutednotification_kind_known",
        lambda w: changed(muted(w), kind="everything"),
    ),
    "outgoingmail_state_known": (
        "outgoingmail_state_known",
        lambda w: changed(mail(w), state="lost"),
    ),
    "outgoingmail_queued_says_something": (
        "outgoingmail_queued_says_something",
        lambda w: changed(mail(w), invitation=None, generation=None),
    ),
    "auditchain_one_rest": (
        "auditchain_one_rest",
        lambda w: AuditChain.objects.bulk_create([AuditChain(), AuditChain()]),
    ),
    "auditevent_in_sequence": (
        "accounts_auditevent.chain_id, accounts_auditevent.sequence",
        new_event,
    ),
    "membership_once_per_organization": (
        "accounts_membership.organization_id, accounts_membership.user_id",
        lambda w: copied(membership(w)),
    ),
    "membership_one_owner": (
        "accounts_membership.organization_id",
        lambda w: changed(membership(w), role="owner"),
    ),
    "membership_role_known": (
        "membership_role_known",
        lambda w: changed(membership(w), role="superuser"),
    ),
    "auditevent_act_pattern": (
        "auditevent_act_pattern",
        lambda w: new_event(w, act="Organization exploded", sequence=10**6),
    ),
    **PERIOD_ATTEMPTS,
    "invitation_one_pending": (
        (
            "accounts_invitation.organization_id, accounts_invitation.project_ref, "
            "accounts_invitation.email"
        ),
        lambda w: copied(w.invitation),
    ),
    "invitation_role_or_project": (
        "invitation_role_or_project",
        lambda w: changed(w.invitation, role="member"),
    ),
    "invitation_ends_after_sent": (
        "invitation_ends_after_sent",
        lambda w: changed(w.invitation, expires_at=w.invitation.sent_at),
    ),
    "invitation_one_maker": (
        "invitation_one_maker",
        lambda w: changed(w.invitation, program_ref="akey_x"),
    ),
    "supportrequest_one_maker": (
        "supportrequest_one_maker",
        lambda w: changed(w.support_request, requested_by_id=None),
    ),
    "invitation_state_known": (
        "invitation_state_known",
        lambda w: changed(w.invitation, state="lost"),
    ),
    "invitation_delivery_known": (
        "invitation_delivery_known",
        lambda w: changed(w.invitation, delivery="pigeon"),
    ),
    "supportrequest_one_pending": (
        "accounts_supportrequest.organization_id, accounts_supportrequest.kind",
        lambda w: copied(w.support_request),
    ),
    "supportrequest_limit_of_projects": (
        "supportrequest_limit_of_projects",
        lambda w: changed(w.support_request, requested_limit=10_001),
    ),
    "supportrequest_kind_known": (
        "supportrequest_kind_known",
        lambda w: changed(w.support_request, kind="cake"),
    ),
    "supportrequest_state_known": (
        "supportrequest_state_known",
        lambda w: changed(w.support_request, state="lost"),
    ),
    **ACCOUNT_ATTEMPTS,
    "project_one_default": (
        "projects_project.organization_id",
        lambda w: copied(w.default, slug="a-second-default"),
    ),
    "project_default_not_archived": (
        "project_default_not_archived",
        lambda w: changed(w.default, archived_at=timezone.now()),
    ),
    "project_default_without_externals": (
        "project_default_without_externals",
        lambda w: changed(w.default, allow_external_collaborators=True),
    ),
    "collaborator_once_per_project": (
        "projects_collaborator.project_id, projects_collaborator.user_id",
        lambda w: copied(w.project_member_row),
    ),
    "collaborator_role_known": (
        "collaborator_role_known",
        lambda w: changed(w.project_member_row, role="owner"),
    ),
    "projectgrant_once_per_invitation": (
        "projects_projectgrant.invitation_id, projects_projectgrant.project_id",
        lambda w: copied(w.research.grants.all()[:1].get()),
    ),
    "projectgrant_role_known": (
        "projectgrant_role_known",
        lambda w: changed(w.research.grants.all()[:1].get(), role="owner"),
    ),
    **SIGN_IN_ATTEMPTS,
    **KEY_ATTEMPTS,
    **TAG_ATTEMPTS,
    **LIMIT_ATTEMPTS,
    **TERMINAL_ATTEMPTS,
    **ADMIN_KEY_ATTEMPTS,
    **TOKEN_ATTEMPTS,
    **USAGE_ATTEMPTS,
    **BUDGET_ATTEMPTS,
}
