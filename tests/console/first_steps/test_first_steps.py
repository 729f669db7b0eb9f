"""A new organization's Default Project leads through the first steps, until they are done or hidden."""

import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Organization, User
from accounts.organizations.services.organizations import change_organization
from accounts.permissions import OrganizationRole
from keys.models import KeySecret
from tests.support.pages import signed_in, words
from tests.world import asked, invited_member, issued, join, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return person("nora@brightline.example", "Nora Newbie")


def home_of(user: User) -> Organization:
    assert user.home_organization is not None
    return user.home_organization


def open_overview(user: User, organization: Organization, query: str = "") -> Any:
    url = reverse("project", args=[organization.projects.default().slug])
    answer = signed_in(user).get(f"{url}{query}")
    assert answer.status_code == 200
    return answer


def done_steps(answer: Any) -> list[str]:
    return re.findall(r"<h2>([^<]*)<span class=\"visually-hidden\">, done", answer.content.decode())


def test_each_step_is_done_by_itself(owner: User) -> None:
    organization, actor = home_of(owner), Actor.of_user(owner)
    project = organization.projects.default()
    page = open_overview(owner, organization)
    assert "Get started 0 of 5 done" in words(page)
    assert page.content.decode().count("button primary") == 1
    change_organization(actor=actor, organization=organization, name="Brightline")
    assert done_steps(open_overview(owner, organization)) == ["Name the organization"]
    issued(project, owner)
    assert done_steps(open_overview(owner, organization))[1:] == ["Create an API key"]
    KeySecret.objects.filter(api_key__project=project).update(last_used_at=timezone.now())
    assert done_steps(open_overview(owner, organization))[2:] == ["Make your first request"]
    invited_member(organization, "colleague@brightline.example")
    assert done_steps(open_overview(owner, organization))[3:] == ["Invite people"]
    asked(organization)
    page = open_overview(owner, organization)
    assert "Get started" not in words(page)
    assert "Every member of Brightline has access to this project" in words(page)
    assert "5 of 5 done" in words(open_overview(owner, organization, "?steps=show"))


def test_who_hides_them_hides_them_for_themselves(owner: User) -> None:
    organization = home_of(owner)
    admin = join(organization, "admin@brightline.example", OrganizationRole.ADMIN)
    url = reverse("first_steps_hide", args=[organization.slug])
    answer = signed_in(owner).post(url, follow=True)
    assert "The first steps are hidden." in words(answer)
    assert "Get started" not in words(open_overview(owner, organization))
    assert "Get started" in words(open_overview(owner, organization, "?steps=show"))
    assert "Get started" in words(open_overview(admin, organization))
    assert "?steps=show" in signed_in(owner).get(reverse("help")).content.decode()


def test_members_see_the_overview(owner: User) -> None:
    organization = home_of(owner)
    member = join(organization, "member@brightline.example")
    assert "Get started" not in words(open_overview(member, organization))
    assert "Get started" not in words(open_overview(member, organization, "?steps=show"))
    assert "?steps=show" not in signed_in(member).get(reverse("help")).content.decode()


def test_ids_can_be_copied(owner: User) -> None:
    organization = home_of(owner)
    page = open_overview(owner, organization).content.decode()
    for public_id in (organization.public_id, organization.projects.default().public_id):
        assert f'data-copy="{public_id}"' in page
    for name, slug, public_id in (
        ("organization", organization.slug, organization.public_id),
        ("organization_settings", organization.slug, organization.public_id),
        (
            "project_settings",
            organization.projects.default().slug,
            organization.projects.default().public_id,
        ),
    ):
        page = signed_in(owner).get(reverse(name, args=[slug])).content.decode()
        assert f'data-copy="{public_id}"' in page, name
