"""Everybody who can stand on either side of an act on collaborators, two of each kind.

What may happen is written down here as the product's rules say it, not as the code computes it.
"""

from dataclasses import dataclass

from django.db import transaction

from accounts.actors import Actor
from accounts.models import User
from accounts.permissions import OrganizationRole, ProjectRole
from projects.models import Collaborator, Project
from projects.services.additions import add_collaborator
from tests.support.world_snapshot import remembered
from tests.world import ADMIN, World, build_world, external, join, listed

# Whom (columns) somebody (rows) may remove or give another role: y yes, s only themselves.
# "Nobody can change the role of somebody above them; equals may act on equals"; an external acts as
# their role, "never other externals"; a Project Member leaves by the page for that.
KINDS = ("owner", "admin", "project admin", "project member", "external admin", "external member")
REACH = {
    "owner":           "y y y y y y",
    "admin":           "- y y y y y",
    "project admin":   "- - y y y y",
    "project member":  "- - - - - -",
    "external admin":  "- - y y s -",
    "external member": "- - - - - -",
}  # fmt: skip
# Not in the project: it does not exist for them.
OUTSIDE = ("member", "former", "stranger", "other member", "other external", "staff")
MANAGERS = ("owner", "admin", "project admin", "external admin")


@dataclass(frozen=True)
class Cast:
    """`people` and `rows` by who they are; a second one of a kind is called `second <kind>`."""

    world: World
    project: Project
    people: dict[str, User]
    rows: dict[str, Collaborator]


def kind(name: str) -> str:
    return name.removeprefix("second ")


def is_allowed(actor: str, target: str) -> bool:
    """Whether the table above lets `actor` act on `target`."""
    if kind(actor) in OUTSIDE:
        return False
    cell = REACH[kind(actor)].split()[KINDS.index(kind(target))]
    return cell == "y" or (cell == "s" and actor == target)


ACTORS = tuple(KINDS) + tuple(f"second {one}" for one in KINDS[1:]) + OUTSIDE
TARGETS = tuple(KINDS) + tuple(f"second {one}" for one in KINDS[1:])


@remembered
@transaction.atomic
def build_cast() -> Cast:
    """The world, and in its research project two of each kind, all of them listed."""
    world = build_world()
    organization, project = world.organization, world.research
    second_admin = join(organization, "second.admin@northwind.example", OrganizationRole.ADMIN)
    second_pa = join(organization, "second.pa@northwind.example")
    second_pm = join(organization, "second.pm@northwind.example")
    rows = {
        "owner": by_hand(world, world.owner),
        "admin": by_hand(world, world.admin),
        "second admin": by_hand(world, second_admin, ADMIN),
        "project admin": world.project_admin_row,
        "second project admin": listed(project, second_pa, ADMIN),
        "project member": world.project_member_row,
        "second project member": listed(project, second_pm),
        "external admin": world.external_admin_row,
        "second external admin": external(project, "second.xa@partner.example", ADMIN),
        "external member": world.external_row,
        "second external member": external(project, "second.xm@partner.example"),
    }
    people = {name: row.user for name, row in rows.items()}
    people |= {
        "member": world.member,
        "former": world.former,
        "stranger": world.stranger,
        "other member": world.other_member,
        "other external": world.other_external,
        "staff": world.staff,
    }
    return Cast(world, project, people, rows)


def by_hand(world: World, user: User, role: ProjectRole = ProjectRole.MEMBER) -> Collaborator:
    """Owner and Admins may also be listed; their organization role counts more than the row."""
    add_collaborator(
        actor=Actor.of_user(world.owner), project=world.research, email=user.email, role=role
    )
    return world.research.collaborators.get(user=user)
