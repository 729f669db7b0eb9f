"""Staff roles: who may do what in Django admin, who gives them, and that no one serves themselves."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.actors import Actor
from accounts.enums import Action, StaffRole
from accounts.errors import Conflict, Withheld
from accounts.models import AuditEvent, User
from accounts.permissions import OrganizationRole
from accounts.support.services.staff import save_staff_roles
from accounts.support.services.staff_users import add_staff_user, change_staff_role
from accounts.support.services.support import grant_request, suspend_organization
from tests.support.factors import with_app
from tests.support.mail import mailed_to
from tests.support.pages import own_queries, queries, signed_in, words
from tests.world import World

pytestmark = pytest.mark.django_db
ADD = reverse("admin:accounts_user_add_staff")
EMAIL = "helen@console.example"


@pytest.fixture
def superuser(world: World) -> Actor:
    save_staff_roles()
    return Actor.of_user(world.staff)


def add(superuser: Actor, role: StaffRole, email: str = EMAIL) -> User:
    """A colleague who has added the second factor that Django admin requires."""
    user = add_staff_user(actor=superuser, email=email, name="Helen", role=role)
    with_app(user)
    return user


def statuses(browser: Client, world: World) -> dict[str, int]:
    organization = [world.organization.pk]
    pages = {
        "see": reverse("admin:accounts_organization_change", args=organization),
        "suspend": reverse("admin:accounts_organization_suspend", args=organization),
        "price": reverse("admin:usage_product_create"),
        "move": reverse("admin:usage_reattribution_move"),
        "credential": reverse("admin:keys_servicecredential_create"),
        "staff": ADD,
    }
    return {name: browser.get(path).status_code for name, path in pages.items()}


def test_each_role_may_do_its_own_work_alone(world: World, superuser: Actor) -> None:
    allowed = {
        StaffRole.SUPPORT: {"see", "suspend", "move"},
        StaffRole.CATALOGUE: {"see", "price"},
        StaffRole.READ_ONLY: {"see"},
    }
    for role, names in allowed.items():
        user = add(superuser, role, f"{role.name.lower()}@staff.example")
        answers = statuses(signed_in(user), world)
        assert {name for name, status in answers.items() if status == 200} == names, role
        assert set(answers.values()) <= {200, 403}
    assert set(statuses(signed_in(world.staff), world).values()) == {200}


def test_every_role_sees_every_list(superuser: Actor) -> None:
    browser = signed_in(add(superuser, StaffRole.READ_ONLY))
    names = [
        f"admin:{model._meta.label_lower.replace('.', '_')}_changelist"
        for model in admin.site._registry
    ]
    assert {browser.get(reverse(name)).status_code for name in names} == {200}


def test_a_superuser_adds_staff_who_choose_their_own_password(
    world: World, superuser: Actor
) -> None:
    form = {"email": EMAIL, "name": "Helen", "role": StaffRole.SUPPORT.value}
    assert signed_in(world.staff).post(ADD, form).status_code == 302
    helen = User.objects.get(email=EMAIL)
    assert (helen.is_staff, helen.is_superuser, helen.has_usable_password()) == (True, False, False)
    assert "/accounts/password/reset/" in mailed_to(EMAIL)[-1].body
    Client().post(reverse("account_reset_password"), {"email": EMAIL})
    assert "/accounts/password/reset/key/" in mailed_to(EMAIL)[-1].body
    assert AuditEvent.objects.filter(act=Action.STAFF_ADDED, target_id=helen.public_id).exists()


def test_the_way_from_the_desk_to_a_role(world: World, superuser: Actor) -> None:
    helen = add(superuser, StaffRole.SUPPORT)
    browser = signed_in(world.staff)
    staff = f"{reverse('admin:accounts_user_changelist')}?is_staff__exact=1"
    assert staff in browser.get(reverse("admin:index")).content.decode()
    page = browser.get(staff)
    assert ADD in page.content.decode()
    assert "Helen - Support" in words(page)
    assert "Superuser" in words(page)
    change = browser.get(reverse("admin:accounts_user_change", args=[helen.pk]))
    assert reverse("admin:accounts_user_staff_role", args=[helen.pk]) in change.content.decode()
    assert "Staff role: Support" in words(change)


def test_the_list_of_staff_costs_no_more_queries_with_more_of_them(
    world: World, superuser: Actor
) -> None:
    browser = signed_in(world.staff)
    page = reverse("admin:accounts_user_changelist")
    browser.get(page)
    add(superuser, StaffRole.SUPPORT, "first@staff.example")
    with queries() as few:
        browser.get(page)
    for number in range(5):
        add(superuser, StaffRole.READ_ONLY, f"more{number}@staff.example")
    with queries() as many:
        browser.get(page)
    assert len(own_queries(many)) == len(own_queries(few))


def test_an_address_that_has_an_account_is_refused(world: World, superuser: Actor) -> None:
    form = {"email": world.member.email, "name": "M", "role": StaffRole.SUPPORT.value}
    answer = signed_in(world.staff).post(ADD, form)
    assert answer.status_code == 409
    assert "already an account" in words(answer)


def test_a_role_that_was_lowered_counts_from_the_next_request_on(
    world: World, superuser: Actor
) -> None:
    helen = add(superuser, StaffRole.SUPPORT)
    browser = signed_in(helen)
    assert statuses(browser, world)["suspend"] == 200
    change_staff_role(actor=superuser, user=helen, role=StaffRole.READ_ONLY)
    assert statuses(browser, world)["suspend"] == 403
    change_staff_role(actor=superuser, user=helen, role=None)
    assert statuses(browser, world)["see"] == 302
    events = AuditEvent.objects.filter(act=Action.STAFF_ROLE_CHANGED).order_by("pk")
    assert [event.values_after["role"] for event in events] == ["Read-only", "No access"]


def test_no_one_changes_their_own_role_or_a_customers(world: World, superuser: Actor) -> None:
    with pytest.raises(Conflict):
        change_staff_role(actor=superuser, user=world.staff, role=StaffRole.READ_ONLY)
    page = reverse("admin:accounts_user_staff_role", args=[world.member.pk])
    assert signed_in(world.staff).get(page).status_code == 404


def test_staff_never_act_on_an_organization_they_belong_to(world: World, superuser: Actor) -> None:
    helen = add(superuser, StaffRole.SUPPORT)
    actor = Actor.of_user(helen)
    world.organization.memberships.create(user=helen, role=OrganizationRole.MEMBER)
    with pytest.raises(Withheld, match="You belong to"):
        suspend_organization(actor=actor, organization=world.organization, reason="Unpaid.")
    request = world.organization.support_requests.get()
    with pytest.raises(Withheld, match="You belong to"):
        grant_request(actor=actor, request=request, note="Yes.", project_limit=9)
    page = reverse("admin:accounts_organization_suspend", args=[world.organization.pk])
    answer = signed_in(helen).post(page, {"reason": "Unpaid."})
    assert answer.status_code == 403
    assert "You belong to" in words(answer)


def test_staff_of_an_external_project_count_as_belonging(world: World, superuser: Actor) -> None:
    helen = add(superuser, StaffRole.SUPPORT)
    world.research.collaborators.create(user=helen, role="member")
    with pytest.raises(Withheld):
        suspend_organization(
            actor=Actor.of_user(helen), organization=world.organization, reason="Unpaid."
        )
