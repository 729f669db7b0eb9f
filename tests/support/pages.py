"""What page tests share: a signed-in browser, the words of a page, many people at once, queries."""

import html
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.access.freshness import FRESH
from accounts.models import Membership, Organization, User
from accounts.permissions import OrganizationRole, ProjectRole
from projects.models import Collaborator, Project


def freshly_signed_in(user: User) -> Client:
    """A browser whose person has just entered their password and used their passkey, if they have one."""
    client = signed_in(user)
    session = client.session
    session[FRESH] = [user.pk, {"password": time.time(), "passkey": time.time()}]
    session.save()
    return client


def signed_in(user: User) -> Client:
    """A browser that was just signed in, with the row of its session."""
    client = Client()
    client.force_login(user)
    return client


def words(response: Any) -> str:
    """The text of a page without its tags, white space made single spaces."""
    page = re.sub(r"<[^>]*>", " ", response.content.decode())
    return " ".join(html.unescape(page).split())


def checked_radios(response: Any, name: str) -> list[str]:
    """The values of the checked radio buttons with that name: one, unless the page is broken."""
    inputs = re.findall(r'<input type="radio"[^>]*>', response.content.decode())
    checked = [text for text in inputs if f'name="{name}"' in text and " checked" in text]
    return [text.split('value="')[1].split('"')[0] for text in checked]


def members(organization: Organization, number: int, prefix: str = "crowd") -> list[User]:
    """That many members, made at once; every third has the name of another, so that sorts have ties."""
    users = User.objects.bulk_create(
        User(
            email=f"{prefix}{index:04}@crowd.example",
            name=f"Person {index - index % 3:04}",
            home_organization=organization,
        )
        for index in range(number)
    )
    Membership.objects.bulk_create(
        Membership(organization=organization, user=user, role=OrganizationRole.MEMBER)
        for user in users
    )
    return users


def crowd(project: Project, number: int, prefix: str = "crowd") -> list[Collaborator]:
    """That many listed members; roles alternate, and all were added at the same moment by threes."""
    users = members(project.organization, number, prefix)
    of_user = {one.user_id: one for one in Membership.objects.filter(user__in=users)}
    return Collaborator.objects.bulk_create(
        Collaborator(
            project=project,
            user=user,
            membership=of_user[user.pk],
            role=ProjectRole.ADMIN if index % 2 else ProjectRole.MEMBER,
        )
        for index, user in enumerate(users)
    )


def outsiders(project: Project, number: int) -> list[Collaborator]:
    """That many external collaborators, made at once."""
    organization = Organization.objects.create(name="Outside", slug=f"outside-{project.pk}")
    organization.projects.create(
        name="Default Project", slug=f"outside-{project.pk}-default", is_default=True
    )
    users = User.objects.bulk_create(
        User(
            email=f"outside{i:04}@crowd.example",
            name=f"Outsider {i:04}",
            home_organization=organization,
        )
        for i in range(number)
    )
    return Collaborator.objects.bulk_create(
        Collaborator(project=project, user=user) for user in users
    )


@contextmanager
def queries() -> Iterator[CaptureQueriesContext]:
    """The queries of the main database inside; those of the session and its user are left out."""
    with CaptureQueriesContext(connection) as captured:
        yield captured


def own_queries(captured: CaptureQueriesContext) -> list[str]:
    """Without the session's query and the one for the signed-in user."""
    texts = [query["sql"] for query in captured.captured_queries]
    return [
        text
        for text in texts
        if 'FROM "django_session"' not in text
        and '"accounts_usersession"' not in text
        and 'UPDATE "django_session"' not in text
        and not ('FROM "accounts_user"' in text and 'WHERE "accounts_user"."id"' in text)
        and not text.startswith(("SAVEPOINT", "RELEASE", "BEGIN"))
    ]
