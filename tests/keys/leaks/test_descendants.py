"""What was created with a token that was found in public ends with it."""

import pytest

from accounts.actors import Actor
from accounts.models import OutgoingMail
from accounts.models.principals import Principal
from keys.admin_keys.services import create_admin_key, revoke_admin_key
from keys.api_keys.services import create_key
from keys.enums import TokenScope
from keys.leaks.services.reports import Finding, report_leaks
from keys.personal_tokens.services import revoke_own_token
from keys.service_accounts.services import create_account_token
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.api_client import call, error_of
from tests.keys.helpers.personal_tokens import made
from tests.keys.helpers.service_accounts import create_account, issue_account_token
from tests.world import World, issued

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
