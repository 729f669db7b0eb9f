"""Every page of the console and who looks at it: from the tables of all routes, so that none is forgotten."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from playwright.sync_api import Page

from accounts.actors import Actor
from accounts.enums import OrganizationState
from accounts.models import Organization, User
from accounts.models.invitation import Link
from accounts.support.services.viewing import start_view
from projects.models import Project
from projects.services.archive import archive_project
from projects.services.projects import create_project
from tests.browser.addresses.admin_keys import admin_key_pages
from tests.browser.addresses.api_keys import key_pages
from tests.browser.addresses.budgets import budget_pages
from tests.browser.addresses.personal_tokens import token_pages
from tests.browser.addresses.service_accounts import account_pages
from tests.browser.addresses.sign_in import (
    set_up_everything,
    shut_out_pages,
    shut_out_person,
    sign_in_pages,
)
from tests.browser.addresses.terminals import terminal_pages
from tests.browser.addresses.usage import usage_pages
from tests.browser.inspection import AXE
from tests.browser.windows import Windows
from tests.routes.library_table import FOR_EVERYBODY, FOR_ONESELF, FOR_VISITORS
from tests.routes.lines import Line
from tests.routes.own_table import OWN
from tests.routes.people_table import PERSON_PAGE
from tests.routes.table import (
    EXTERNAL_ROW,
    INVITATION,
    MEMBER_INVITATION,
    MEMBER_ROW,
    OFFER,
    ORGANIZATION,
    PROJECT,
    REQUEST_ROW,
)
from tests.world import World, invited, offered, staff_member

NO_PAGES = {"favicon", "healthz", "readyz", "security_txt"}
MISSING = "/no-such-page/"
NOBODY = "?q=nobody-of-that-name"
OPERATIONS = ("api-project-users-post", "api-costs", "oauth-token")
SEVERAL = ("members_role", "members_remove", "collaborators_role", "collaborators_remove")


@dataclass(frozen=True)
class Visit:
    """What one person looks at; nobody is signed in when `user` is None."""

    user: User | None
    addresses: list[str]


def visits(world: World) -> list[Visit]:
    """Each page by somebody who sees most of it; those that differ for others, by these as well."""
    own = [name for name, route in OWN.items() if route.get < 400 and name not in NO_PAGES]
    waiting = invited(world.research, world.stranger.email)
    link = f"/invitations/{world.invitation.token(Link.MAILED)}/"
    of_link = [link, f"{link}decline/"]
    reference = [reverse("api_operation", args=[slug]) for slug in OPERATIONS]
    own_link = f"/invitations/{waiting.public_id}/"
    northwind, research = world.organization, world.research
    careful, shut_out = set_up_everything(world), shut_out_person()
    return [
        *in_other_states(world),
        Visit(world.owner, [*of_organization(northwind), *acts(world), *named(own), *of_link]),
        Visit(
            world.owner,
            [
                *token_pages(world),
                *admin_key_pages(world),
                *account_pages(world),
                *key_pages(world),
                *(*usage_pages(world), *budget_pages(world)),
                *reference,
            ],
        ),
        Visit(world.project_member, terminal_pages(world)),
        Visit(world.owner, [*of_project(world.default), *of_project(world.production)]),
        Visit(
            world.project_member,
            [
                *of_organization(northwind, "project_member"),
                *of_project(research, "project_member"),
            ],
        ),
        Visit(world.external_admin, [*of_project(research, "external_admin"), "/organizations/"]),
        Visit(world.stranger, ["/invitations/", own_link, f"{own_link}decline/"]),
        Visit(careful, sign_in_pages(careful)),
        Visit(shut_out, shut_out_pages(shut_out)),
        Visit(world.staff, ["/invitations/", "/organizations/", *entries(FOR_ONESELF)]),
        Visit(None, [*for_visitors(), *of_link, *reference, MISSING]),
    ]


def for_visitors() -> list[str]:
    return [*entries(FOR_VISITORS), *entries(FOR_EVERYBODY)]


def in_other_states(world: World) -> list[Visit]:
    """Pages as they are only now and then: offered, at a limit, archived, suspended, viewed."""
    offered(world.organization, world.member)
    attic = archived(world)
    small, unpaid = world.external.home_organization, world.external_admin.home_organization
    assert small
    assert unpaid
    unpaid.change_state(OrganizationState.SUSPENDED, "The bill of October is unpaid.")
    Project.objects.filter(pk=world.other_project.pk).update(allow_external_collaborators=False)
    second = staff_member("second@console.example")
    start_view(
        actor=Actor.of_user(second),
        membership=world.organization.memberships.get(user=world.project_member),
        reason="They see no projects.",
    )
    at_limit = ["ownership_transfer", "organization_close", "project_new", "project_new_set"]
    viewed = [*of_organization(world.organization, "project_member"), "/search/?q=north"]
    frozen = ["organization", "members", "organization_settings", "member_invite"]
    frozen_project = [
        *("project", "project_settings", "project_restore", "collaborators", "api_keys"),
    ]
    not_taken = ["project_settings", "collaborators", "collaborators_remove_externals"]
    offer = [name for name in OFFER if opens(OFFER, name, "member")]
    return [
        Visit(world.owner, [*named(frozen_project, slug=attic.slug), archived_projects(world)]),
        Visit(world.member, [*named(offer, slug=world.organization.slug), "/accounts/delete/"]),
        Visit(
            world.external,
            [*named([*at_limit, "externals_request"], slug=small.slug), "/accounts/delete/"],
        ),
        Visit(world.external_admin, [*named(frozen, slug=unpaid.slug), "/organizations/"]),
        Visit(world.stranger, named(not_taken, slug=world.other_project.slug)),
        Visit(second, viewed),
    ]


def archived(world: World) -> Project:
    """A project more, archived: it can only be read."""
    owner = Actor.of_user(world.owner)
    attic = create_project(actor=owner, organization=world.organization, name="Attic")
    archive_project(actor=owner, project=attic)
    return attic


def opens(table: dict[str, Line], name: str, person: str) -> bool:
    return table[name].expected("GET", person) == 200


def named(names: Iterable[str], **kwargs: str) -> list[str]:
    return [reverse(name, kwargs=kwargs) for name in names]


def entries(table: dict[str, Any]) -> list[str]:
    return [reverse(name, kwargs=entry.kwargs) for name, entry in table.items()]


def archived_projects(world: World) -> str:
    return f"{reverse('projects', args=[world.organization.slug])}?state=archived"


def of_organization(organization: Organization, person: str = "owner") -> list[str]:
    """Its pages that somebody may open, and its lists when nothing is found."""
    open_to = [name for name in ORGANIZATION if opens(ORGANIZATION, name, person)]
    lists = [
        name
        for name in ("members", "projects", "audit_log", "organization_keys")
        if name in open_to
    ]
    slug = organization.slug
    return [*named(open_to, slug=slug), *(f"{one}{NOBODY}" for one in named(lists, slug=slug))]


def of_project(project: Project, person: str = "owner") -> list[str]:
    pages = named((name for name in PROJECT if opens(PROJECT, name, person)), slug=project.slug)
    lists = named(["collaborators", "api_keys"], slug=project.slug)
    return [*pages, *(f"{one}{NOBODY}" for one in lists), f"{lists[-1]}?status=all"]


def acts(world: World) -> list[str]:
    """The pages of `research`, and of what can be done with its rows and with members."""
    slug, northwind = world.research.slug, world.organization.slug
    return [
        *of_project(world.research),
        *named(EXTERNAL_ROW, slug=slug, reference=world.external_row.public_id),
        *named(INVITATION, slug=slug, reference=world.invitation.public_id),
        *named(MEMBER_ROW, slug=northwind, reference=world.member.public_id),
        *named(REQUEST_ROW, slug=northwind, reference=world.support_request.public_id),
        *named(PERSON_PAGE, slug=northwind, reference=world.project_member.public_id),
        *named(PERSON_PAGE, slug=northwind, reference=world.external.public_id),
        *named(MEMBER_INVITATION, slug=northwind, reference=world.member_invitation.public_id),
        f"{reverse('organization_keys', args=[northwind])}?look=all&q=note",
        f"{reverse('organization_keys_revoke', args=[northwind])}?keys={world.key.public_id}",
        *list_selections(world),
        f"{reverse('search')}?q=north",
        f"{reverse('search')}{NOBODY}",
    ]


def list_selections(world: World) -> list[str]:
    """The pages that change several people at once, with some who can't be changed."""
    members = "&".join(f"people={user.public_id}" for user in (world.owner, world.project_member))
    rows = (world.project_member_row, world.external_row)
    people = "&".join(f"people={row.public_id}" for row in rows)
    return [
        *(f"{one}?{members}" for one in named(SEVERAL[:2], slug=world.organization.slug)),
        *(f"{one}?{people}" for one in named(SEVERAL[2:], slug=world.research.slug)),
    ]


def walk(windows: Windows, plan: Iterable[Visit]) -> Iterator[Page]:
    """Each address opened, a window for each visit. A page that fails or is missing is a defect."""
    for visit in plan:
        page = windows.open(visit.user)
        page.add_init_script(AXE)
        for address in visit.addresses:
            answer = page.goto(address)
            assert answer is not None
            assert answer.status < 404 or address == MISSING, address
            yield page
        windows.close(page)
