"""What was meant for a project and is billed elsewhere, and why, on the pages of both sides.

Between two tenants no name passes but that of the shared project.
"""

from typing import Any

import pytest
from django.urls import reverse

from accounts.actors import Actor
from accounts.models import Organization, User
from projects.models import Collaborator, Project
from projects.services.collaborators import remove_collaborator
from tests.support.pages import own_queries, queries, signed_in, words
from tests.usage.helpers.event_client import corrected, event, of_user, results
from tests.usage.helpers.reattribution_setup import flip, moved, undone
from tests.world import World, issued, join, project_with_externals
from usage.models import Product

pytestmark = pytest.mark.django_db
YET = "Usage of Volumes is not attributed to projects yet"


def volumes(world: World, **given: Any) -> dict[str, Any]:
    """100,000 GB-hours by the world's key: $13.70."""
    fields = {
        "id": "vol-1",
        "product": "volumes",
        "line_item": "gb_hours",
        "unit": "gb-hour",
        "quantity": "100000",
        "dimensions": None,
        **given,
    }
    return event(world, **fields)


def by_external(world: World, user: User, project: Project, **given: Any) -> dict[str, Any]:
    """The same with the user's own token for the project."""
    ids = {"user_id": user.public_id, "project_id": project.public_id}
    return volumes(world, api_key_id=None, **ids, **given)


def inference(world: World, **given: Any) -> dict[str, Any]:
    """Output of a million tokens, which lands where it was meant to: $0.88."""
    return event(world, quantity="1000000", **given)


def usage(user: User, project: Project) -> str:
    return words(signed_in(user).get(reverse("usage", args=[project.slug])))


def analytics(user: User, organization: Organization) -> str:
    return words(signed_in(user).get(reverse("cost_analytics", args=[organization.slug])))


def section(text: str) -> str:
    """The section of a page, '' when there is none."""
    return text.partition("and why ")[2]


def test_a_project_says_what_of_it_is_billed_elsewhere_and_why(world: World, secret: str) -> None:
    results(secret, volumes(world), inference(world))
    text = usage(world.project_member, world.research)
    assert (
        "Intended for this project, billed elsewhere 94.0% of the usage intended for this" in text
    )
    assert "is billed elsewhere ($13.70)." in text
    assert f"Volumes Default Project {YET} $13.70 94.0%" in section(text)


def test_the_default_project_says_whom_it_was_meant_for(world: World, secret: str) -> None:
    results(secret, volumes(world), of_user(world, user_id=world.owner.public_id, id="chat"))
    text = usage(world.owner, world.default)
    assert "was intended for other projects ($13.70)." in text
    assert f"Research Volumes {YET} $13.70 100.0%" in section(text)
    of_all = analytics(world.owner, world.organization)
    assert "Intended for other projects, billed to the Default Project" in of_all
    assert f"Research Volumes {YET} $13.70" in section(of_all)


def test_what_changed_since_is_said_as_it_was_then(world: World, secret: str) -> None:
    results(secret, volumes(world))
    Product.objects.filter(code="volumes").update(multi_project=True)
    said = "Usage of Volumes was not attributed to projects then"
    assert said in section(usage(world.owner, world.research))
    assert said in section(usage(world.owner, world.default))


def test_what_a_re_attribution_moved_is_where_it_was_meant_to_be(world: World, secret: str) -> None:
    results(secret, volumes(world))
    flip(world)
    move = moved(world)
    assert section(usage(world.owner, world.research)) == ""
    assert section(usage(world.owner, world.default)) == ""
    undone(world, move)
    assert "$13.70 100.0%" in section(usage(world.owner, world.research))


def test_the_playground_is_a_reason_of_its_own(world: World, secret: str) -> None:
    user = {"user_id": world.owner.public_id, "project_id": world.research.public_id}
    results(secret, of_user(world, product="playground", **user))
    text = section(usage(world.owner, world.research))
    assert (
        "Playground Default Project Playground usage is always billed to the Default Project"
        in text
    )


def test_nothing_is_said_where_everything_is_where_it_was_meant_to_be(
    world: World, secret: str
) -> None:
    results(secret, inference(world))
    for project in (world.research, world.default, world.production):
        assert section(usage(world.owner, project)) == ""
    assert section(analytics(world.owner, world.organization)) == ""


def test_what_was_taken_back_is_gone(world: World, secret: str) -> None:
    results(secret, volumes(world))
    corrected(secret, {"id": "v", "event_id": "vol-1", "kind": "void", "reason": "A mistake."})
    assert section(usage(world.owner, world.research)) == ""
    assert section(usage(world.owner, world.default)) == ""


def test_the_shared_project_does_not_say_whose_organization_pays(world: World, secret: str) -> None:
    home = world.external.home_organization
    assert home is not None
    Organization.objects.filter(pk=home.pk).update(name="Partner Works")
    results(secret, by_external(world, world.external, world.research))
    for user in (world.owner, world.project_member):
        text = usage(user, world.research)
        assert "Volumes External collaborators’ own organizations" in section(text)
        assert "an external collaborator’s own token was used $13.70 100.0%" in text
        for name in ("Partner Works", "external@partner.example"):
            assert name not in section(text)
    assert section(usage(world.owner, world.default)) == ""
    assert section(analytics(world.owner, world.organization)) == ""


def test_the_paying_organization_learns_the_shared_projects_name_alone(
    world: World, secret: str
) -> None:
    home = world.external.home_organization
    assert home is not None
    results(secret, by_external(world, world.external, world.research))
    for text in (
        usage(world.external, home.projects.default()),
        analytics(world.external, home),
    ):
        assert "Research Shared by another organization Volumes" in section(text)
        assert "$13.70 100.0%" in section(text)
        # The side names Northwind to them as well: they work there.
        for name in (world.organization.name, world.organization.slug, world.key.name):
            assert name not in section(text)


def test_someone_who_lost_the_project_reads_the_name_that_it_had_then(
    world: World, secret: str
) -> None:
    home = world.external.home_organization
    assert home is not None
    results(secret, by_external(world, world.external, world.research))

    def rename(name: str) -> str:
        Project.objects.filter(pk=world.research.pk).update(name=name)
        return section(analytics(world.external, home))

    assert "Fusion Shared by another organization" in rename("Fusion")
    actor = Actor.of_user(world.owner)
    remove_collaborator(actor=actor, collaborator=world.external_row)
    for text in (rename("Layoffs"), section(usage(world.external, home.projects.default()))):
        assert "Fusion Shared by another organization" in text
        assert "Layoffs" not in text
    # Those of the project's own organization read its present name.
    assert "Layoffs" in usage(world.owner, world.research)
    Collaborator.objects.create(project=world.research, user=world.external, role="member")
    assert "Layoffs Shared by another organization" in section(analytics(world.external, home))


def test_a_colleague_of_the_external_learns_no_name_of_the_other_tenant(
    world: World, secret: str
) -> None:
    home = world.external.home_organization
    assert home is not None
    colleague = join(home, "colleague@partner.example")
    results(secret, by_external(world, world.external, world.research))
    text = usage(colleague, home.projects.default())
    assert "Research Shared by another organization" in text
    page = signed_in(colleague).get(reverse("usage", args=[home.projects.default().slug]))
    for name in ("Northwind", "northwind", world.key.name, world.research.slug):
        assert name not in page.content.decode()


def test_a_member_does_not_learn_what_projects_they_cannot_open_are_called(
    world: World, secret: str
) -> None:
    key = issued(world.production, world.owner).key
    results(
        secret,
        volumes(world),
        volumes(world, id="vol-2", api_key_id=key.public_id),
    )
    text = usage(world.member, world.default)
    assert f"Projects you can't open Volumes {YET} $27.40 100.0%" in section(text)
    assert "Research" not in text
    assert "Production" not in text
    assert "Research Volumes" in section(usage(world.project_member, world.default))


def test_an_external_sees_none_of_it(world: World, secret: str) -> None:
    results(secret, volumes(world))
    for user in (world.external, world.external_admin):
        answer = signed_in(user).get(reverse("usage", args=[world.research.slug]))
        assert answer.status_code == 403
        assert "13.70" not in words(answer)


def test_another_period_has_nothing(world: World, secret: str) -> None:
    results(secret, volumes(world))
    address = reverse("usage", args=[world.research.slug])
    answer = signed_in(world.owner).get(f"{address}?start=2020-01-01&end=2020-01-31")
    assert section(words(answer)) == ""


def test_many_projects_and_products_cost_no_query_more(world: World, secret: str) -> None:
    client = signed_in(world.owner)
    addresses = [
        reverse("usage", args=[world.research.slug]),
        reverse("usage", args=[world.default.slug]),
        reverse("cost_analytics", args=[world.organization.slug]),
    ]

    def asked() -> list[int]:
        counts = []
        for address in addresses:
            with queries() as captured:
                client.get(address)
            counts.append(len(own_queries(captured)))
        return counts

    results(secret, volumes(world))
    before = asked()
    others = [project_with_externals(world.organization, f"Team {n}") for n in range(2)]
    for key in (world.key, *(issued(one, world.owner).key for one in others)):
        for product in ("volumes", "files"):
            sent = {"product": product, "api_key_id": key.public_id}
            results(secret, volumes(world, id=f"{product}-{key.pk}", **sent))
    assert asked() == before
