"""What the console grants to people, as tests hold it: each grant says whether it can still be used."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.actors import Actor
from accounts.enums import Notification
from accounts.errors import Conflict
from accounts.invitations.services.lifecycle import accept_invitation
from accounts.models import Invitation, TrustedBrowser, User
from accounts.ownership.services import accept_offer
from accounts.permissions import OrganizationRole
from accounts.unsubscribe import build_unsubscribe_url
from keys.formats import Prefix, new_secret
from keys.models import AccountToken
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.api_client import call
from tests.keys.helpers.gateway_client import auth
from tests.keys.helpers.personal_tokens import made
from tests.keys.helpers.service_accounts import issue_account_token
from tests.keys.helpers.terminal_client import ask, logged_in
from tests.projects.helpers.service_accounts import make_account
from tests.support.mail import mailed_to
from tests.support.pages import signed_in, words
from tests.world import World, issued, owner_of, person

Probe = Callable[[], bool]


def is_accepted(secret: str) -> bool:
    return bool(call("/v3/whoami", secret).status_code == 200)


def is_possible(action: Callable[[], object]) -> bool:
    """Returns whether the service would do it, and undoes it."""
    try:
        with transaction.atomic():
            action()
            transaction.set_rollback(True)
    except (Conflict, PermissionDenied):
        return False
    return True


def browser_session(world: World, user: User) -> Probe:
    browser = signed_in(user)
    return lambda: browser.get(reverse("access_tokens")).status_code == 200


def trusted_browser(world: World, user: User) -> Probe:
    """Whether a sign-in there skips the second factor, should the person still have one then."""
    browser = TrustedBrowser(user=user)
    token = browser.set_token()
    browser.save(force_insert=True)
    return lambda: user.trusted_browsers.current().with_token(token).exists()


def approved_login(world: World, user: User) -> Probe:
    asking = ask()
    assert asking.answer(user).status_code == 302
    return lambda: asking.poll().status_code == 200


def terminal(world: World, user: User) -> Probe:
    return partial(is_accepted, logged_in(user).access)


def terminal_project_token(world: World, user: User) -> Probe:
    return partial(is_accepted, logged_in(user).project_token(world.research))


def project_token(world: World, user: User) -> Probe:
    return partial(is_accepted, made(user, world.research, "of the project").secret)


def organization_token(world: World, user: User) -> Probe:
    return partial(is_accepted, made(user, world.organization, "of the organization").secret)


def reset_link(world: World, user: User) -> Probe:
    Client().post(reverse("account_reset_password"), {"email": user.email})
    link = re.search(r"(/accounts/password/reset/key/\S+)", mailed_to(user.email)[-1].body)
    assert link
    return lambda: "doesn't work" not in words(Client().get(link[1], follow=True))


def invitation_to_them(world: World, user: User) -> Probe:
    """An external collaborator's, sent before they became a member."""
    owner = owner_of(world.organization)
    invitation = Invitation.objects.create(
        organization=world.organization,
        email=user.email,
        invited_by=owner,
        project_ref=world.research.public_id,
    )
    world.research.grants.create(invitation=invitation, role="member")
    return lambda: is_possible(partial(accept, invitation, user))


def invitation_they_sent(world: World, user: User) -> Probe:
    invitee = person("invitee@elsewhere.example")
    role = OrganizationRole.MEMBER
    invitation = Invitation.objects.create(
        organization=world.organization, email=invitee.email, invited_by=user, role=role
    )
    world.research.grants.create(invitation=invitation, role="member")
    return lambda: is_possible(partial(accept, invitation, invitee))


def accept(invitation: Invitation, user: User) -> None:
    accept_invitation(
        actor=Actor.of_user(User.objects.get(pk=user.pk)),
        invitation=invitation,
        generation=invitation.generation,
    )


def offer_to_them(world: World, user: User) -> Probe:
    offers: Any = world.organization.ownership_offers
    offer = offers.create(offered_by=owner_of(world.organization), offered_to=user)
    return lambda: is_possible(partial(accept_offer, actor=Actor.of_user(user), offer=offer))


def offer_they_made(world: World, user: User) -> Probe:
    offers: Any = world.organization.ownership_offers
    offer = offers.create(offered_by=user, offered_to=world.member)
    member = Actor.of_user(world.member)
    return lambda: is_possible(partial(accept_offer, actor=member, offer=offer))


def api_key(world: World, user: User) -> Probe:
    secret = issued(world.research, user, "of a service").secret
    return lambda: auth(secret).status_code == 200


def admin_api_key(world: World, user: User) -> Probe:
    secret = issue_admin_key(user, world.organization).secret
    return lambda: call("/v3/whoami", secret).status_code == 200


def service_account_token(world: World, user: User) -> Probe:
    account = make_account(world.research, user, "Build")
    return partial(is_accepted, issue_account_token(world.owner, account).secret)


def token_of_a_personal_token(world: World, user: User) -> Probe:
    """Made as a row, because not everyone may create one."""
    account = make_account(world.research, world.owner, "Chained")
    personal = made(user, world.research, "creates another").token
    token = AccountToken(service_account=account, name="chained", created_by=user)
    token.created_with, token.expires_at = personal.public_id, personal.expires_at
    secret = new_secret(Prefix.SERVICE_ACCOUNT)
    token.set_secret(secret)
    token.save(force_insert=True)
    return partial(is_accepted, secret)


def unsubscribe_link(world: World, user: User) -> Probe:
    path = urlsplit(build_unsubscribe_url(user, Notification.NEW_SIGN_IN)).path
    return lambda: Client().get(path).status_code == 200


GRANTS: dict[str, Callable[[World, User], Probe]] = {
    "Other browser sessions": browser_session,
    "Trusted browser": trusted_browser,
    "Approved terminal login": approved_login,
    "Terminal": terminal,
    "Terminal token for a project": terminal_project_token,
    "Personal token for a project": project_token,
    "Personal token for the organization": organization_token,
    "Link to reset the password": reset_link,
    "Invitation to the person": invitation_to_them,
    "Invitation from the person": invitation_they_sent,
    "Offer of ownership to the person": offer_to_them,
    "Offer of ownership from the person": offer_they_made,
    "API key the person created": api_key,
    "Admin API key the person created": admin_api_key,
    "Token of a service account the person created": service_account_token,
    "Service account token that a personal token created": token_of_a_personal_token,
    "Unsubscribe link": unsubscribe_link,
}
