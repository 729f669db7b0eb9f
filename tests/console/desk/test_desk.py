"""The desk on which Django admin opens: what waits for staff, and one search over all customers."""

import datetime as dt

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import Delivery, StaffRole, SupportRequestKind
from accounts.models import OutgoingMail, SupportRequest, User
from accounts.support.services.limits import change_limits
from accounts.support.services.staff import save_staff_roles
from accounts.support.services.staff_users import add_staff_user
from console.desk.sections import build_sections
from console.desk.tables import TABLES
from tests.support.pages import own_queries, queries, signed_in, words
from tests.support.staff_factors import add_staff_app
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


def fail_email() -> OutgoingMail:
    mail = OutgoingMail(to="a@b.example", subject="Your code")
    mail.body = "493017"
    mail.save()
    mail.finish(Delivery.FAILED, "550 no such user")
    return mail


def test_it_shows_what_waits_and_for_how_long(world: World, staff: Client) -> None:
    request = ask_for_projects(world, days=3)
    page = staff.get(DESK)
    assert f"/admin/accounts/supportrequest/{request.pk}/change/" in page.content.decode()
    assert "owner@northwind.example 3 days Answer" in words(page)


def test_it_says_where_nothing_waits(staff: Client) -> None:
    SupportRequest.objects.all().delete()
    text = words(staff.get(DESK))
    assert "No requests are waiting." in text
    assert "No email has failed this week." in text


def test_an_organization_at_its_limit_stands_on_it(world: World, staff: Client) -> None:
    used = world.organization.projects.unarchived().count()
    world.organization.project_limit = used
    world.organization.save(update_fields=["project_limit"])
    page = staff.get(DESK)
    assert f"Northwind Projects {used} of {used} Raise" in words(page)
    change = reverse("admin:accounts_organization_change", args=[world.organization.pk])
    assert f'href="{change}#id_project_limit"' in page.content.decode()
    world.organization.project_limit = used * 10
    world.organization.save(update_fields=["project_limit"])
    assert "No organization is near its project limit." in words(staff.get(DESK))


def test_a_model_without_a_price_and_a_failed_email_stand_on_it(staff: Client) -> None:
    ModelName.objects.create(name="unheard-of-70b")
    fail_email()
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
    assert f"You Limits changed by support : {world.organization.name}" in words(staff.get(DESK))


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
    assert f"Waiting requests {SupportRequest.objects.count()}" in words(page)


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


def test_a_request_for_projects_says_how_many(world: World, staff: Client) -> None:
    request = ask_for_projects(world, days=0)
    SupportRequest.objects.filter(pk=request.pk).update(requested_limit=12)
    used = world.organization.projects.unarchived().count()
    assert f"wants 12, has {used} of 5" in words(staff.get(DESK))


def test_their_own_organization_is_left_to_a_colleague(world: World) -> None:
    save_staff_roles()
    add_staff_user(
        actor=Actor.of_user(world.staff), email="own@console.example", name="O",
        role=StaffRole.SUPPORT,
    )  # fmt: skip
    own = add_staff_app(User.objects.get(email="own@console.example"))
    request = ask_for_projects(world, days=1)
    page = reverse("admin:accounts_supportrequest_change", args=[request.pk])
    assert f'class="button" href="{page}"' in signed_in(own).get(DESK).content.decode()
    world.organization.memberships.create(user=own, role="member")
    desk = signed_in(own).get(DESK)
    assert f'class="button" href="{page}"' not in desk.content.decode()
    assert "Your organization: ask a colleague" in words(desk)


@pytest.mark.parametrize("role", [StaffRole.CATALOGUE, StaffRole.READ_ONLY])
def test_who_may_not_act_sees_no_button(world: World, role: StaffRole) -> None:
    save_staff_roles()
    user = add_staff_user(
        actor=Actor.of_user(world.staff), email="r@console.example", name="R", role=role
    )
    add_staff_app(user)
    ModelName.objects.create(name="unheard-of-70b")
    fail_email()
    text = words(signed_in(user).get(DESK))
    assert [button for button in ("Answer", "Raise", "Send again") if button in text] == []
    assert ("Set price" in text) == (role == StaffRole.CATALOGUE)


def test_a_model_gets_its_price_in_two_steps(world: World, staff: Client) -> None:
    ModelName.objects.create(name="unheard-of-70b")
    page = f"{reverse('admin:usage_price_create')}?model=unheard-of-70b"
    assert page in staff.get(DESK).content.decode()
    form = staff.get(page).context["form"]
    assert form["model"].value() == "unheard-of-70b"
    data = {
        "line_item": "serverless-inference/output_tokens", "model": "unheard-of-70b",
        "unit_price": "0.000001", "starts_on": "2031-01-01",
    }  # fmt: skip
    review = staff.post(page, data).context["review"]
    assert staff.post(page, {**data, "confirmed": review.mark}).status_code == 302
    assert "unheard-of-70b" not in words(staff.get(DESK))
    assert staff.post(page, {**data, "line_item": "none/such"}).status_code == 422


def test_the_name_of_a_model_without_price_can_have_any_characters(
    world: World, staff: Client
) -> None:
    name = "lab/50% off+more&starts_on=1#2"
    ModelName.objects.create(name=name)
    section = next(each for each in build_sections(world.staff) if "price" in each.title)
    form = staff.get(section.rows[0].button_url).context["form"]
    assert (form["model"].value(), form["starts_on"].value()) == (name, None)


def test_every_table_is_listed_once() -> None:
    listed = [model for models in TABLES.values() for model in models]
    assert sorted(map(str, listed)) == sorted(map(str, admin.site._registry))


def test_every_page_of_django_admin_says_how_many_requests_wait(
    world: World, staff: Client
) -> None:
    pending = SupportRequest.objects.filter(state="pending")
    page = reverse("admin:accounts_user_changelist")
    assert f"{pending.count()} requests waiting" in words(staff.get(page))
    pending.exclude(pk=world.support_request.pk).delete()
    assert "1 request waiting" in words(staff.get(page))
    pending.delete()
    assert "waiting" not in words(staff.get(page))


def test_only_staff_see_it(world: World) -> None:
    assert signed_in(world.owner).get(DESK).status_code in (302, 403)


def test_a_model_in_other_case_than_its_price_is_not_without_one(staff: Client) -> None:
    ModelName.objects.bulk_create([ModelName(name="LLaMA-3.1-8B"), ModelName(name="llama-4")])
    text = words(staff.get(reverse("admin:index")))
    assert "llama-4 at the price for any model" in text
    assert "LLaMA-3.1-8B" not in text
