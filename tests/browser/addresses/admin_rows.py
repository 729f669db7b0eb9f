"""At least one row in every list of Django admin."""

from accounts.actors import Actor
from accounts.support.services.viewing import start_view
from keys.credentials.services import create_credential
from tests.database.attempts.api_keys import credential_leak, policy
from tests.database.attempts.usage import alias, move
from tests.world import World, offered, staff_member


def add_rows_of_every_model(world: World) -> None:
    """Adds what the shared world has none of."""
    offered(world.organization, world.member)
    move(world)
    alias(world)
    policy(world)
    credential_leak(world)
    create_credential(actor=Actor.of_user(world.staff), name="gateway-of-the-european-data-center")
    start_view(
        actor=Actor.of_user(staff_member("second@console.example")),
        membership=world.organization.memberships.get(user=world.project_member),
        reason="They can't see a project. " * 15,
    )
