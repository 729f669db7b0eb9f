"""Every page of the console and who looks at it: from the tables of all routes, so that none is forgotten."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import User
from accounts.models.invitation import Link
from projects.models import Project
from tests.browser.conftest import Windows
from tests.routes.library_table import FOR_EVERYBODY, FOR_ONESELF, FOR_VISITORS, MODELS
from tests.routes.table import (
    INVITATION,
    MEMBER_INVITATION,
    MEMBER_ROW,
    ORGANIZATION,
    OWN,
    PROJECT,
    ROW,
)
from tests.world import World, invited, listed

NO_PAGES = {"favicon", "healthz", "readyz"}


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
    visitors = [*entries(FOR_VISITORS), *entries(FOR_EVERYBODY)]
    own_link = f"/invitations/{waiting.public_id}/"
    return [
        Visit(world.owner, [*of_organization(world), *acts(world), *named(own), *of_link]),
        Visit(world.owner, [*of_project(world.default), *of_project(world.production)]),
        Visit(world.project_member, [*of_organization(world), *of_project(world.research)]),
        Visit(world.external_admin, [*of_project(world.research), "/organizations/"]),
        Visit(world.stranger, ["/invitations/", own_link, f"{own_link}decline/"]),
        Visit(world.staff, ["/invitations/", "/organizations/", *entries(FOR_ONESELF)]),
        Visit(None, [*visitors, *of_link, "/no-such-page/"]),
    ]


def named(names: Iterable[str], **kwargs: str) -> list[str]:
    return [reverse(name, kwargs=kwargs) for name in names]


def entries(table: dict[str, Any]) -> list[str]:
    return [reverse(name, kwargs=entry.kwargs) for name, entry in table.items()]


def of_organization(world: World) -> list[str]:
    pages = named(ORGANIZATION, slug=world.organization.slug)
    members = reverse("members", args=[world.organization.slug])
    return [*pages, f"{members}?q=nobody-of-that-name"]


def of_project(project: Project) -> list[str]:
    pages = named(PROJECT, slug=project.slug)
    return [*pages, f"{reverse('collaborators', args=[project.slug])}?q=nobody-of-that-name"]


def acts(world: World) -> list[str]:
    """The pages of `research`, and of what can be done with its rows and with members."""
    slug, northwind = world.research.slug, world.organization.slug
    return [
        *of_project(world.research),
        *named(ROW, slug=slug, reference=world.project_member_row.public_id),
        *named(INVITATION, slug=slug, reference=world.invitation.public_id),
        *named(MEMBER_ROW, slug=northwind, reference=world.member.public_id),
        *named(MEMBER_INVITATION, slug=northwind, reference=world.member_invitation.public_id),
    ]


def of_admin(world: World) -> list[str]:
    """Support's pages: each list, what a search finds in it, and one row of each kind in full."""
    rows = {
        "accounts_organization": world.organization,
        "accounts_user": world.owner,
        "accounts_supportrequest": world.support_request,
        "projects_project": world.research,
    }
    return [
        *named(["admin:index", "admin:password_change"]),
        *named(f"admin:{model}_changelist" for model in MODELS),
        *(f"{reverse(f'admin:{model}_changelist')}?q=north" for model in MODELS),
        f"{reverse('admin:accounts_user_changelist')}?q=nobody-of-that-name&is_staff__exact=1&o=-2",
        *(reverse(f"admin:{model}_change", args=[row.pk]) for model, row in rows.items()),
        *(reverse(f"admin:{model}_history", args=[row.pk]) for model, row in rows.items()),
        *(
            reverse(f"admin:accounts_supportrequest_{act}", args=[world.support_request.pk])
            for act in ("grant", "decline")
        ),
        reverse("admin:accounts_organization_suspend", args=[world.organization.pk]),
    ]


def walk(windows: Windows, plan: Iterable[Visit], **window: Any) -> Iterator[Page]:
    """Each address opened, in a window of its own for each visit. A page that fails is a defect."""
    for visit in plan:
        page = windows.open(visit.user, **window)
        for address in visit.addresses:
            answer = page.goto(address)
            assert answer is not None
            assert answer.status < 500, address
            yield page
        page.context.close()


def collaborators_of(page: Page, project: Project) -> None:
    page.goto(reverse("collaborators", args=[project.slug]))


def opened(page: Page, world: World) -> Iterator[str]:
    """The Collaborators page with each of its dialogs and menus open in turn; says what is open."""
    listed(world.research, world.owner)  # so that there is a row to leave
    for name in ("Add collaborator", "Leave project"):
        collaborators_of(page, world.research)
        page.get_by_role("main").get_by_role("link", name=name).first.click()
        yield from after_dialog(page, name)
    menus = {
        world.external_row.user.name: ("Make admin", "Remove user"),
        world.invitation.email: ("Resend invitation", "Show link", "Withdraw invitation"),
    }
    for whose, items in menus.items():
        for item in items:
            collaborators_of(page, world.research)
            page.get_by_label(f"Actions for {whose}", exact=True).click()
            yield f"menu of {whose}"
            page.get_by_role("link", name=item).click()
            yield from after_dialog(page, item)


def after_dialog(page: Page, name: str) -> Iterator[str]:
    expect(page.get_by_role("dialog").get_by_role("heading")).to_be_visible()
    yield name
