"""Another organization of one's own."""

import pytest
from django.urls import reverse

from accounts.actors import Actor
from accounts.enums import OrganizationState
from accounts.models import Organization
from accounts.organizations.services.closing import close_organization
from accounts.organizations.services.organizations import OWNED_LIMIT, create_organization
from tests.support.pages import signed_in, words
from tests.world import World

pytestmark = pytest.mark.django_db
ADDRESS = "/organizations/new/"


def test_its_maker_is_the_owner_and_it_has_a_default_project(world: World) -> None:
    answer = signed_in(world.member).post(ADDRESS, {"name": "Side business"}, follow=True)
    assert "Side business is ready." in words(answer)
    made = Organization.objects.get(slug="side-business")
    assert made.memberships.owner().user == world.member
    assert made.projects.default().slug == "side-business-default"
    world.member.refresh_from_db()
    assert world.member.home_organization == world.organization


def test_a_typed_slug_is_used_or_refused_as_taken(world: World) -> None:
    browser = signed_in(world.member)
    browser.post(ADDRESS, {"name": "Side", "slug": "side-ways"})
    assert Organization.objects.filter(slug="side-ways").exists()
    for slug, status in [("side-ways", 409), ("northwind", 409), ("admin", 422), ("Not A", 422)]:
        answer = browser.post(ADDRESS, {"name": "Side", "slug": slug})
        assert (answer.status_code, list(answer.context["form"].errors)) == (status, ["slug"])


def test_a_slug_whose_default_project_would_clash_is_taken(world: World) -> None:
    """A project of that slug exists: research was renamed to it."""
    world.research.slug = "acme-default"
    world.research.save(update_fields=["slug"])
    answer = signed_in(world.member).post(ADDRESS, {"name": "Acme", "slug": "acme"})
    assert answer.status_code == 409
    signed_in(world.member).post(ADDRESS, {"name": "Acme"})
    assert Organization.objects.filter(slug="acme-2").exists()


def test_one_owns_ten_at_most_and_closed_ones_do_not_count(world: World) -> None:
    actor = Actor.of_user(world.member)
    made = [create_organization(actor=actor, name="Many") for _ in range(OWNED_LIMIT)]
    answer = signed_in(world.member).post(ADDRESS, {"name": "One more"})
    assert answer.status_code == 409
    assert "You already own 10 organizations" in words(answer)
    close_organization(actor=actor, organization=made[0])
    assert signed_in(world.member).post(ADDRESS, {"name": "One more"}).status_code == 302


def test_it_is_found_from_the_switcher_and_the_list(world: World) -> None:
    browser = signed_in(world.member)
    for page in (reverse("organizations"), reverse("profile")):
        assert f'href="{ADDRESS}"' in browser.get(page).content.decode()


def test_the_list_says_which_ones_do_not_work_now(world: World) -> None:
    browser = signed_in(world.owner)
    assert "Suspended" not in words(browser.get(reverse("organizations")))
    world.organization.change_state(OrganizationState.SUSPENDED, "Bill unpaid.")
    assert "Northwind Suspended" in words(browser.get(reverse("organizations")))
