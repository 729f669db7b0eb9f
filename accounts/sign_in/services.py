"""Records sign-ins in the audit log, notifies users of new browsers, and sets passwords."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.access.organization import lock_person
from accounts.actors import Actor
from accounts.audit.personal import record_for_user
from accounts.audit.writer import record
from accounts.enums import Action, Notification
from accounts.factors.code_limits import claim_today
from accounts.models import Organization, User
from accounts.models.principals import Principal
from accounts.organizations.services.offers import end_offers
from accounts.outbox import notify


@transaction.atomic
def record_sign_in(*, actor: Actor, browser: str, is_new: bool) -> None:
    """Records that the actor signed in; `browser` is the User-Agent header."""
    record_for_user(actor=actor, action=Action.SIGNED_IN, user=actor.person)
    if is_new:
        notify(
            actor.person,
            "New sign-in to your account",
            "accounts/mail/new_sign_in.txt",
            kind=Notification.NEW_SIGN_IN,
            actor=actor,
            browser=browser[:200] or "unknown",
            at=timezone.now(),
        )


def record_failed_sign_in(*, actor: Actor, user: User) -> None:
    """Records a wrong password for `user`. The actor is unknown."""
    unknown = actor.acting_as(Principal.without_account(user.email))
    record_for_user(actor=unknown, action=Action.SIGN_IN_FAILED, user=user)


@transaction.atomic
def set_new_password(*, actor: Actor, user: User, password: str, revoke_tokens: bool) -> None:
    """Sets the password of `user`, and ends what someone who knew the old one may have granted.

    That is: terminals, approved logins of terminals, offers of ownership they made, and with
    `revoke_tokens` their personal access tokens, with the service account tokens created with those; trust
    in browsers, and all sessions but the one the actor acts from. Links that reset the password end because
    they depend on it.
    """
    concerned = Q(memberships__user=user) | Q(personal_tokens__user=user)
    pks = Organization.objects.filter(concerned).values("pk")
    organizations = list(Organization.objects.filter(pk__in=pks).in_lock_order())
    person = lock_person(user)
    user.set_password(password)
    user.password_changed_at = timezone.now()
    user.save(update_fields=["password", "password_changed_at"])
    person.terminal_sessions.all().end_for_new_password()
    person.device_logins.all().end_approved()
    person.trusted_browsers.all().delete()
    person.end_sessions(except_pk=actor.session_pk)
    memberships = {row.organization_id: row for row in person.memberships.all()}
    # One after the other, because each change writes to the organization's audit log.
    for organization in organizations:
        membership = memberships.get(organization.pk)
        if membership and membership.is_owner:
            end_offers(actor=actor, organization=organization)
        if revoke_tokens:
            person.personal_tokens.revoke_with_created(actor, organization)
        if membership:
            record(actor, Action.PASSWORD_CHANGED, organization=organization, target=user)
    if not memberships:
        record(actor, Action.PASSWORD_CHANGED, organization=None, target=user)


def notify_of_many_codes(*, actor: Actor, user: User) -> None:
    """Notifies `user` at most once a day of too many wrong codes after their password."""
    if claim_today("notified", user):
        subject = "Too many wrong codes for your account"
        notify(user, subject, "accounts/mail/many_wrong_codes.txt", actor=actor)


def record_failed_factor(*, actor: Actor, user: User) -> None:
    """Records a wrong code after the right password of `user`. The actor is unknown."""
    unknown = actor.acting_as(Principal.without_account(user.email))
    record_for_user(actor=unknown, action=Action.FACTOR_FAILED, user=user)
