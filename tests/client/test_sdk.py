"""The official SDK unmodified: whoami and projects, with keys, and its errors."""

import pytest
import together

from accounts.actors import Actor
from keys.api_keys.services import revoke_key
from tests.client.conftest import Sdk
from tests.keys.helpers.terminal_client import logged_in
from tests.keys.terminals.test_access import many
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_keys_tokens_pages_and_errors(world: World, sdk: Sdk) -> None:
    with_key = sdk(world.key_secret)
    me = with_key.whoami()
    assert me.type == "project_api_key"
    assert (me.project.slug, me.organization.id) == ("research", world.organization.public_id)
    assert [one.id for one in with_key.projects.list()] == [world.research.public_id]
    many(world, 30)
    terminal = logged_in(world.owner)
    found = list(sdk(terminal.access).projects.list(limit=7))
    assert len({one.id for one in found}) == len(found) == 33
    assert sdk(terminal.access).whoami().type == "user_jwt"
    scoped = sdk(terminal.project_token(world.research)).whoami()
    assert scoped.type == "user_org_project_jwt"
    assert scoped.project.name == "Research"
    revoke_key(actor=Actor.of_user(world.owner), key=world.key)
    with pytest.raises(together.AuthenticationError, match="revoked or rotated") as refused:
        with_key.whoami()
    assert refused.value.response.headers["x-request-id"]
    with pytest.raises(together.UnprocessableEntityError, match="limit is a whole number"):
        list(sdk(terminal.access).projects.list(limit=101))
    with pytest.raises(together.BadRequestError, match="next_cursor"):
        sdk(terminal.access).projects.list(after="nonsense")
