"""An admin API key found in public is revoked, and its organization's Owner is told once."""

import pytest

from accounts.actors import Actor
from accounts.models import OutgoingMail
from keys.admin_keys.services import create_admin_key
from keys.leaks.services.reports import Finding, report_leaks
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.api_client import call, error_of
from tests.world import World

pytestmark = pytest.mark.django_db


def test_a_leaked_admin_key_is_revoked_with_all_created_with_it(world: World) -> None:
    issued = issue_admin_key(world.admin, world.organization)
    spared = issue_admin_key(world.admin, world.organization, "Spared")
    key = Actor(issued.key.principal)
    child = create_admin_key(actor=key, organization=world.organization, name="Child")
    grandchild = create_admin_key(
        actor=Actor(child.key.principal), organization=world.organization, name="Grandchild"
    )
    findings = [Finding(issued.secret, url="https://gists.example/1")]
    for _ in range(2):
        assert report_leaks(
            actor=Actor.without_account("scanner"), reporter="scanner", findings=findings
        ) == [True]
    assert error_of(call("/v3/whoami", issued.secret))["code"] == "revoked"
    for later in (child, grandchild):
        assert error_of(call("/v3/whoami", later.secret))["code"] == "revoked"
    assert call("/v3/whoami", spared.secret).status_code == 200
    mails = OutgoingMail.objects.filter(subject__startswith="Revoked: the admin API key Terraform")
    assert [mail.to for mail in mails] == [world.owner.email]
    assert issued.secret not in mails[0].body
    assert "Child, Grandchild" in mails[0].body
