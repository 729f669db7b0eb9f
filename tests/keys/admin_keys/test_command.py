"""`bin/manage create_admin_key`: prints a secret that works, once, and mails the Owner."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import OutgoingMail
from tests.keys.helpers.api_client import call
from tests.world import World

pytestmark = pytest.mark.django_db


def test_it_prints_a_secret_that_works(world: World) -> None:
    out = StringIO()
    call_command("create_admin_key", world.organization.slug, "Terraform", stdout=out)
    answer = call("/v3/whoami", out.getvalue().strip())
    assert answer.json()["organization"]["id"] == world.organization.public_id
    mail = OutgoingMail.objects.latest("pk")
    assert mail.to == world.owner.email
    assert "bin/manage create_admin_key created the admin API key Terraform" in mail.body
    with pytest.raises(CommandError, match="already exists"):
        call_command("create_admin_key", world.organization.slug, "Terraform")


@pytest.mark.parametrize(
    ("slug", "name", "message"),
    [("nowhere", "CI", "no organization nowhere"), ("northwind", "a\x00b", "Invalid name")],
)
def test_a_wrong_argument_is_named(world: World, slug: str, name: str, message: str) -> None:
    with pytest.raises(CommandError, match=message):
        call_command("create_admin_key", slug, name)
