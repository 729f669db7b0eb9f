"""What goes wrong while `tg` is used, it says in a sentence: of keys, of people, of the server."""

import pytest

from accounts.actors import Actor
from accounts.members.services import remove_member
from accounts.support.services.support import reopen_organization, suspend_organization
from keys.api_keys.services import revoke_key
from tests.client.tg.command import Said, Tg
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
COMMANDS = (["whoami"], ["projects", "list"])


def assert_told(said: Said, sentence: str) -> None:
    assert said.code == 1
    assert sentence in said.text, said.text
    assert "Traceback" not in said.text


def test_a_revoked_key_is_said_to_be_revoked(world: World, tg: Tg) -> None:
    # With a key and no project named the client asks whoami outside of its own handling of errors: it
    # shows a traceback then, which ends with our sentence.
    given = {"TOGETHER_API_KEY": world.key_secret, "TOGETHER_PROJECT_ID": world.research.public_id}
    assert tg.run("whoami", **given).code == 0
    revoke_key(actor=Actor.of_user(world.owner), key=world.key)
    assert_told(tg.run("whoami", "--no-json", **given), "This API key was revoked or rotated.")
    told = tg.run("whoami", "--json", **given).told
    assert told["error"]["message"] == "This API key was revoked or rotated."


@pytest.mark.long
def test_what_happened_to_a_person_or_an_organization_is_said(world: World, tg: Tg) -> None:
    tg.login(world.project_member)
    tg.asked("switch", world.research.public_id)
    support = {"actor": Actor.of_user(world.staff), "organization": world.organization}
    suspend_organization(**support, reason="Unpaid.")
    for words in COMMANDS:
        said = tg.run(*words, "--no-json")
        assert_told(said, "You don't have access to this token's project at the moment.")
    switch = ("switch", world.production.public_id, "--no-json")
    assert_told(tg.run(*switch), "Support has suspended Northwind: Unpaid.")
    reopen_organization(**support, reason="Paid.")
    assert tg.run("whoami").code == 0
    membership = world.project_member.memberships.get(organization=world.organization)
    remove_member(actor=Actor.of_user(world.owner), membership=membership)
    for words in COMMANDS:
        said = tg.run(*words, "--no-json")
        assert_told(said, "This access token was replaced or revoked.")
    assert_told(tg.run(*switch), "You have no project with this ID.")
