"""API keys and tokens remember the credential that created them, and go with it when it was in public."""

from typing import Any, NamedTuple

import pytest
from django.urls import reverse

from accounts.actors import Actor
from accounts.models import OutgoingMail
from accounts.models.principals import Principal
from keys.admin_keys.services import IssuedAdminKey, create_admin_key, revoke_admin_key
from keys.api_keys.services import create_key, rotate_key
from keys.enums import LeakResponse
from keys.leaks.services.reports import Finding, report_leaks
from keys.models import ApiKey, KeyPolicy, KeySecret
from keys.service_accounts.services import IssuedAccountToken, create_account_token
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.api_client import call
from tests.keys.helpers.personal_tokens import made
from tests.keys.helpers.service_accounts import create_account
from tests.projects.api.callers import WRITE
from tests.support.clock import DAY
from tests.support.pages import signed_in, words
from tests.world import World, issued

pytestmark = pytest.mark.django_db


class Family(NamedTuple):
    """What goes back to one admin API key; `spared` does not."""

    root: IssuedAdminKey
    child: IssuedAdminKey
    token: IssuedAccountToken
    secrets: list[str]
    spared: str


@pytest.fixture
def family(world: World) -> Family:
    """The child is revoked, the token that it created and what the token created work."""
    root = issue_admin_key(world.owner, world.organization)
    child = create_admin_key(
        actor=Actor(root.key.principal), organization=world.organization, name="Child"
    )
    token = create_account_token(
        actor=Actor(child.key.principal),
        account=create_account(world.owner, world.research),
        name="deploy",
    )
    secrets = [
        create_key(actor=actor, project=world.research, name=name).secret
        for name, actor in (
            ("by root", Actor(root.key.principal)),
            ("by child", Actor(child.key.principal)),
            ("by token", Actor(token.token.principal)),
        )
    ]
    spared = issued(world.research, world.owner, "spared")
    rotated = issued(world.research, world.project_member, "rotated")
    actor = Actor(root.key.principal)
    secrets.append(rotate_key(actor=actor, key=rotated.key, overlap=DAY).secret)
    revoke_admin_key(
        actor=Actor.of_user(world.owner), organization=world.organization, key=child.key
    )
    return Family(root, child, token, secrets, spared.secret)


def statuses(family: Family) -> list[int]:
    secrets = [*family.secrets, family.spared]
    return [call("/v1/auth", secret).status_code for secret in secrets]


def report(family: Family) -> None:
    findings = [Finding(family.root.secret, url="https://gists.example/1")]
    actor = Actor.without_account("scanner")
    assert report_leaks(actor=actor, reporter="scanner", findings=findings) == [True]


def test_a_key_and_each_secret_remember_the_credential(world: World, family: Family) -> None:
    kept = {
        key.name: key.created_with for key in ApiKey.objects.in_organization(world.organization)
    }
    root = family.root.key.public_id
    assert kept["by root"] == root
    assert kept["by token"] == family.token.token.public_id
    assert (kept["rotated"], kept["spared"]) == ("", "")
    rotated = KeySecret.objects.filter(api_key__name="rotated").order_by("pk")
    assert [secret.created_with for secret in rotated] == ["", root]


def test_all_that_goes_back_to_a_leaked_key_ends(world: World, family: Family) -> None:
    report(family)
    assert statuses(family) == [401, 401, 401, 401, 200]
    assert call("/v3/whoami", family.token.secret).status_code == 401
    mail = OutgoingMail.objects.get(subject__startswith="Revoked: the admin API key Terraform")
    assert mail.to == world.owner.email
    assert "were revoked too" in mail.body
    for name in ("by root", "by child", "by token", "rotated"):
        assert f"{name}, in Research" in mail.body
    assert "spared" not in mail.body
    theirs = OutgoingMail.objects.get(to=world.project_member.email, subject__contains="rotated")
    assert "Terraform" not in theirs.body


def test_a_key_policy_that_only_reports_keeps_api_keys(world: World, family: Family) -> None:
    KeyPolicy.objects.create(organization=world.organization, on_leak=LeakResponse.NOTIFY)
    report(family)
    assert statuses(family) == [200] * 5
    assert call("/v3/whoami", family.token.secret).status_code == 401
    mail = OutgoingMail.objects.get(subject__startswith="Revoked: the admin API key Terraform")
    assert "created with it still work" in mail.body


@pytest.mark.parametrize(
    ("form", "keys", "token"),
    [
        ({}, 200, 200),
        ({"with_created": "on"}, 200, 401),
        ({"with_api_keys": "on"}, 401, 200),
        ({"with_created": "on", "with_api_keys": "on"}, 401, 401),
    ],
)
def test_who_revokes_a_key_decides_what_goes_with_it(
    world: World, family: Family, form: dict[str, str], keys: int, token: int
) -> None:
    browser = signed_in(world.owner)
    args = [world.organization.slug, family.root.key.public_id]
    address = reverse("admin_key_revoke", args=args)
    page = words(browser.get(address))
    assert "service account tokens were created with it: deploy of CI" in page
    assert "4 API keys. Programs that use them lose access." in page
    assert browser.post(address, form).status_code == 302
    assert statuses(family) == [keys] * 4 + [200]
    assert call("/v3/whoami", family.token.secret).status_code == token


def names_of_creators(world: World, user: Any) -> str:
    return words(signed_in(user).get(reverse("api_keys", args=[world.research.slug])))


def test_pages_name_the_program_that_created_a_key(world: World, family: Family) -> None:
    page = names_of_creators(world, world.owner)
    assert "Admin API key Terraform" in page
    assert "Service account CI" in page
    inventory = reverse("organization_keys", args=[world.organization.slug])
    browser = signed_in(world.owner)
    assert "Admin API key Terraform" in words(browser.get(inventory))
    assert "by root" not in words(browser.get(f"{inventory}?look=creator-gone"))


def test_a_key_of_a_personal_token_is_its_persons(world: World) -> None:
    token = made(world.owner, world.research, scope=WRITE).token
    principal = Principal.of_user(world.owner, credential=token.public_id)
    key = create_key(actor=Actor(principal), project=world.research, name="scripted").key
    assert (key.created_by, key.created_with) == (world.owner, token.public_id)
