"""The desk on which Django admin opens: what waits for staff, and one search over all customers."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import Delivery, SupportRequestKind
from accounts.models import OutgoingMail, SupportRequest
from accounts.support.services.limits import change_limits
from tests.support.pages import own_queries, queries, signed_in, words
from tests.world import World, build_world, issued
from usage.models import ModelName

pytestmark = pytest.mark.django_db
DESK = reverse("admin:index")


@pytest.fixture
def world(db: None) -> World:
    return build_world()


@pytest.fixture
def staff(world: World) -> Client:
    return signed_in(world.staff)


def ask_for_projects(world: World, days: int) -> SupportRequest:
    world.organization.support_requests.all().delete()
    request = SupportRequest(
        organization=world.organization,
        kind=SupportRequestKind.PROJECTS,
        reason="More teams.",
        requested_by=world.owner,
        created_at=timezone.now() - dt.timedelta(days=days),
    )
    request.save(force_insert=True)
    return request


def test_it_shows_what_waits_and_for_how_long(world: World, staff: Client) -> None:
    request = ask_for_projects(world, days=3)
    page = staff.get(DESK)
    assert f"/admin/accounts/supportrequest/{request.pk}/change/" in page.content.decode()
    assert "3 days ago" in words(page).replace("\xa0", " ")


def test_it_says_where_nothing_waits(staff: Client) -> None:
    SupportRequest.objects.all().delete()
    text = words(staff.get(DESK))
    assert "No requests are waiting." in text
    assert "No email has failed this week." in text


def test_an_organization_at_its_limit_stands_on_it(world: World, staff: Client) -> None:
    used = world.organization.projects.unarchived().count()
    world.organization.project_limit = used
    world.organization.save(update_fields=["project_limit"])
    assert f"{used} of {used} projects" in words(staff.get(DESK))
    world.organization.project_limit = used * 10
    world.organization.save(update_fields=["project_limit"])
    assert "No organization is near its project limit." in words(staff.get(DESK))


def test_a_model_without_a_price_and_a_failed_email_stand_on_it(staff: Client) -> None:
    ModelName.objects.create(name="unheard-of-70b")
    mail = OutgoingMail(to="a@b.example", subject="Your code")
    mail.body = "493017"
    mail.save()
    mail.finish(Delivery.FAILED, "550 no such user")
    text = words(staff.get(DESK))
    assert "unheard-of-70b" in text
    assert "550 no such user" in text
    assert "493017" not in text


def test_it_says_how_many_it_does_not_show(staff: Client) -> None:
    ModelName.objects.bulk_create(ModelName(name=f"model-{number}") for number in range(30))
    total = ModelName.objects.exclude(name="").count()
    text = words(staff.get(DESK))
    assert f"Models without a price {total}" in text
    assert f"And {total - 8} more" in text


def test_it_shows_what_colleagues_did_today(world: World, staff: Client) -> None:
    change_limits(
        actor=Actor.of_user(world.staff), organization=world.organization, project_limit=9,
        external_collaborators_enabled=True, note="They grow.",
    )  # fmt: skip
    assert f"Limits changed by support: {world.organization.name}" in words(staff.get(DESK))


def test_many_waiting_requests_cost_no_more_queries(world: World, staff: Client) -> None:
    staff.get(DESK)
    with queries() as few:
        staff.get(DESK)
    for number in range(500):
        organization = world.organization
        organization.pk, organization.public_id = None, f"org_{number:020d}"
        organization.slug, organization.name = f"many-{number}", f"Many {number}"
        organization.save(force_insert=True)
        SupportRequest(
            organization=organization, kind=SupportRequestKind.PROJECTS, reason="More.",
            requested_by=world.owner,
        ).save(force_insert=True)  # fmt: skip
    with queries() as many:
        page = staff.get(DESK)
    assert len(own_queries(many)) == len(own_queries(few))
    assert f"Requests {SupportRequest.objects.count()}" in words(page)


@pytest.mark.parametrize(
    "text",
    [
        "north",
        "owner@north",
        "@northwind.example",
        "organization id",
        "project id",
        "key id",
        "hint",
    ],
)
def test_the_search_knows_what_customers_name(world: World, staff: Client, text: str) -> None:
    key = issued(world.research, world.owner, "gateway").key
    named = {
        "organization id": world.organization.public_id,
        "project id": world.research.public_id,
        "key id": key.public_id,
        "hint": key.secrets.get().hint,
    }
    page = staff.get(DESK, {"q": named.get(text, text)})
    assert "Nothing matches" not in words(page)


def test_the_search_says_when_nothing_matches(staff: Client) -> None:
    assert "Nothing matches “zzzz”" in words(staff.get(DESK, {"q": "zzzz"}))


def test_only_staff_see_it(world: World) -> None:
    assert signed_in(world.owner).get(DESK).status_code in (302, 403)
