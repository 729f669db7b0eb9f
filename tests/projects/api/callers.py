"""The credentials with which the cast of the world calls the management API."""

from keys.enums import TokenScope
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.personal_tokens import made
from tests.keys.helpers.terminal_client import logged_in
from tests.world import World

WRITE, READ = TokenScope.WRITE, TokenScope.READ


def admin_key(world: World, name: str = "Terraform") -> str:
    """The secret of an admin API key of Northwind."""
    return issue_admin_key(world.owner, world.organization, name).secret


def foreign_admin_key(world: World) -> str:
    """The secret of an admin API key of Contoso."""
    return issue_admin_key(world.stranger, world.other_organization).secret


def cast(world: World) -> dict[str, str]:
    """Secrets by what their holders are at Northwind; those of projects are for `research`."""
    organization, research = world.organization, world.research
    return {
        "admin key": admin_key(world, "Cast"),
        "foreign admin key": foreign_admin_key(world),
        "owner": made(world.owner, organization, scope=WRITE).secret,
        "owner, read": made(world.owner, organization, "reads", scope=READ).secret,
        "owner, project": made(world.owner, research, "project", scope=WRITE).secret,
        "admin": made(world.admin, organization, scope=WRITE).secret,
        "member": made(world.member, organization, scope=WRITE).secret,
        "project admin": made(world.project_admin, organization, scope=WRITE).secret,
        "project admin, project": made(world.project_admin, research, "p", scope=WRITE).secret,
        "project member": made(world.project_member, organization, scope=WRITE).secret,
        "project member, project": made(world.project_member, research, "p", scope=WRITE).secret,
        "external": made(world.external, research, scope=WRITE).secret,
        "external admin": made(world.external_admin, research, scope=WRITE).secret,
        "stranger": made(world.stranger, world.other_organization, scope=WRITE).secret,
        "API key": world.key_secret,
        "terminal": logged_in(world.owner).access,
    }
