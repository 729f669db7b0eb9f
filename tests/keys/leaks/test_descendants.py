"""What was created with a token that was found in public ends with it."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import Action, InvitationState
from accounts.models import AuditEvent, Invitation, OutgoingMail
from accounts.models.principals import Principal
from accounts.permissions import ProjectRole
from keys.admin_keys.services import create_admin_key, revoke_admin_key
from keys.api_keys.services import create_key
from keys.enums import TokenScope
from keys.leaks.services.reports import Finding, report_leaks
from keys.models import AccountToken, AdminKey, PersonalToken
from keys.personal_tokens.services import revoke_own_token
from keys.service_accounts.services import create_account_token
from projects.services.additions import add_collaborator
from projects.services.invitations import resend_invitation
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.api_client import call, error_of
from tests.keys.helpers.personal_tokens import made
from tests.keys.helpers.service_accounts import create_account, issue_account_token
from tests.world import World, invited, issued

pytestmark = pytest.mark.django_db


def report(secret: str) -> None:
    findings = [Finding(secret, url="https://gists.example/1")]
    actor = Actor.without_account("scanner")
    for _ in range(2):
        assert report_leaks(actor=actor, reporter="scanner", findings=findings) == [True]


def test_a_leaked_access_token_ends_with_all_that_was_created_with_it(world: World) -> None:
    token = made(world.project_admin, world.research, scope=TokenScope.WRITE)
    actor = Actor(Principal.of_user(world.project_admin, credential=token.token.public_id))
    key = create_key(actor=actor, project=world.research, name="scripted")
    account = create_account(world.owner, world.research)
    child = create_account_token(actor=actor, account=account, name="deploy")
    later = create_key(actor=Actor(child.token.principal), project=world.research, name="later")
    spared = issued(world.research, world.project_admin, "spared")
    report(token.secret)
    for secret in (token.secret, child.secret):
        assert error_of(call("/v3/whoami", secret))["code"] == "revoked"
    statuses = [call("/v1/auth", row.secret).status_code for row in (key, later, spared)]
    assert statuses == [401, 401, 200]
    mail = OutgoingMail.objects.get(subject__startswith="Revoked: your access token")
    assert mail.to == world.project_admin.email
    assert "revoked too: deploy." in mail.body
    assert "scripted, in Research" in mail.body
    assert "later, in Research" in mail.body


def test_a_leaked_token_of_a_service_account_is_revoked_and_two_people_notified(
    world: World,
) -> None:
    account = create_account(world.project_admin, world.research)
    token = issue_account_token(world.project_admin, account)
    key = create_key(actor=Actor(token.token.principal), project=world.research, name="scripted")
    report(token.secret)
    assert error_of(call("/v3/whoami", token.secret))["code"] == "revoked"
    assert call("/v1/auth", key.secret).status_code == 401
    mails = OutgoingMail.objects.filter(subject__contains="of a service account was found")
    assert {mail.to for mail in mails} == {world.owner.email, world.project_admin.email}
    assert len(mails) == 2
    assert token.secret not in mails[0].body
    assert "scripted, in Research" in mails[0].body


def test_a_credential_that_its_finder_revoked_ends_what_they_created_with_it(world: World) -> None:
    root = issue_admin_key(world.owner, world.organization, "Terraform")
    by_root = Actor(root.key.principal)
    child = create_admin_key(actor=by_root, organization=world.organization, name="hidden")
    key = create_key(actor=by_root, project=world.research, name="scripted")
    revoke_admin_key(actor=by_root, organization=world.organization, key=root.key)
    report(root.secret)
    assert error_of(call("/v3/whoami", child.secret))["code"] == "revoked"
    assert call("/v1/auth", key.secret).status_code == 401
    mail = OutgoingMail.objects.get(subject__contains="Terraform was found in public")
    assert "hidden" in mail.body


def test_a_revoked_credential_with_nothing_left_is_not_reported_again(world: World) -> None:
    token = made(world.project_admin, world.research)
    revoke_own_token(actor=Actor.of_user(world.project_admin), token=token.token)
    report(token.secret)
    assert not OutgoingMail.objects.filter(subject__contains="was found in public").exists()


def invite(world: World, principal: Principal, email: str) -> Invitation:
    """A pending invitation of an external collaborator, sent with a credential."""
    actor = Actor(principal)
    add_collaborator(actor=actor, project=world.research, email=email, role=ProjectRole.MEMBER)
    return Invitation.objects.get(email=email)


def use_admin_key(world: World) -> tuple[Principal, str]:
    root = issue_admin_key(world.owner, world.organization)
    return root.key.principal, root.secret


def use_account_token(world: World) -> tuple[Principal, str]:
    root = issue_account_token(world.owner, create_account(world.owner, world.research, "Root"))
    return root.token.principal, root.secret


def use_personal_token(world: World) -> tuple[Principal, str]:
    root = made(world.project_admin, world.research, scope=TokenScope.WRITE)
    principal = Principal.of_user(world.project_admin, credential=root.token.public_id)
    return principal, root.secret


@pytest.mark.parametrize("use", [use_admin_key, use_account_token, use_personal_token])
@pytest.mark.parametrize("revoked_before", [False, True])
def test_invitations_sent_with_a_leaked_credential_are_withdrawn(
    world: World, use: Callable[[World], tuple[Principal, str]], revoked_before: bool
) -> None:
    principal, secret = use(world)
    account = create_account(world.owner, world.research, "Child")
    child = create_account_token(actor=Actor(principal), account=account, name="child")
    by_root = invite(world, principal, "by.root@partner.example")
    by_child = invite(world, child.token.principal, "by.child@partner.example")
    resent = invite(world, principal, "resent@partner.example")
    resend_invitation(actor=Actor.of_user(world.owner), project=world.research, invitation=resent)
    by_person = invited(world.research, "by.person@partner.example")
    if revoked_before:
        for rows in (AccountToken.objects, PersonalToken.objects, AdminKey.objects):
            rows.update(revoked_at=timezone.now())
    report(secret)
    states = {row.email: row.state for row in Invitation.objects.all()}
    assert [states[row.email] for row in (by_root, by_child)] == [InvitationState.WITHDRAWN] * 2
    assert [states[row.email] for row in (resent, by_person)] == [InvitationState.PENDING] * 2
    mail = OutgoingMail.objects.get(
        subject__contains="found in public", to__in=[world.owner.email, world.project_admin.email]
    )
    assert "by.root@partner.example\nby.child@partner.example" in mail.body
    assert "resent@partner.example" not in mail.body
    event = AuditEvent.objects.filter(act=Action.INVITATION_WITHDRAWN).latest("pk")
    assert event.after == {"found_at": ["https://gists.example/1"]}


def test_an_invitation_sent_in_a_session_names_no_credential(world: World) -> None:
    assert invited(world.research, "by.person@partner.example").sent_with == ""
