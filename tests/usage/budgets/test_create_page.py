"""The page that creates a budget: what can be chosen, what is refused, and what it says beforehand."""

import pytest
from django.test import Client

from tests.keys.helpers.service_accounts import create_account
from tests.support.pages import signed_in, words
from tests.usage.budgets.setup import DOLLAR, spend, url
from tests.world import World
from usage.models import Budget

pytestmark = pytest.mark.django_db
NEW = {"scope": "organization", "period": "month", "kind": "hard_stop", "amount": "250.5"}


@pytest.fixture
def owner(world: World) -> Client:
    return signed_in(world.owner)


def test_a_budget_is_created_with_alerts_and_recipients(world: World, owner: Client) -> None:
    people = [world.owner.public_id, world.admin.public_id]
    alerts = {"alerts": ["50", "forecast"], "own_alerts": "90%, $200.25", "recipients": people}
    answer = owner.post(url("budget_create"), {**NEW, **alerts})
    budget = Budget.objects.get()
    assert answer["Location"] == url("budget", budget.public_id)
    assert (budget.subject, budget.amount) == (world.organization, 2505 * DOLLAR // 10)
    assert (budget.period, budget.kind) == ("month", "hard_stop")
    assert set(budget.alerts.values_list("threshold", "value")) == {
        ("percent", 50),
        ("percent", 90),
        ("amount", 20025 * DOLLAR // 100),
        ("forecast", 0),
    }
    assert set(budget.recipients.all()) == {world.owner, world.admin}
    text = words(owner.get(answer["Location"]))
    assert "alerts: " not in text
    assert "$250.50" in text


def test_the_same_form_sent_twice_creates_one(world: World, owner: Client) -> None:
    data = {**NEW, "form_token": "a" * 20}
    first, second = (owner.post(url("budget_create"), data) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Budget.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("amount", "", "This field is required."),
        ("amount", "ten", "Enter an amount in dollars"),
        ("amount", "1,000", "Enter an amount in dollars"),
        ("amount", "0", "Enter an amount above 0."),
        ("amount", "-5", "Enter an amount above 0."),
        ("amount", "1.00000000001", "more than 10 decimal places"),
        ("amount", "1" * 18, "too large"),
        ("period", "year", "Select a valid choice"),
        ("kind", "soft", "Select a valid choice"),
        ("scope", "", "This field is required."),
        ("scope", "key_00000000000000000000", "Choose what the budget is for."),
        ("alerts", "75", "Select a valid choice"),
        ("own_alerts", "90", "Enter percents such as 90% and amounts"),
        ("own_alerts", "0%", "Enter whole percents"),
        ("own_alerts", "1001%", "Enter whole percents"),
        ("own_alerts", "$0", "Enter an amount above 0."),
        ("own_alerts", ",".join(f"{n}%" for n in range(1, 12)), "Enter at most 10"),
        ("recipients", "user_00000000000000000000", "Choose people who may see this budget."),
    ],
)
def test_wrong_values_are_named_at_their_field(
    owner: Client, field: str, value: str, message: str
) -> None:
    answer = owner.post(url("budget_create"), {**NEW, field: value})
    assert answer.status_code == 422
    assert message in " ".join(answer.context["form"].errors[field])
    assert message in words(answer)
    assert not Budget.objects.exists()


def test_what_will_happen_is_said_before_anything_is_created(
    world: World, owner: Client, secret: str
) -> None:
    spend(world, secret, 3)
    more = {"alerts": ["80", "forecast"], "recipients": world.admin.public_id, "preview": "1"}
    answer = owner.post(url("budget_create"), {**NEW, **more})
    assert answer.status_code == 200
    text = words(answer)
    assert "$0.0026 of $250.50 is spent already in the present period." in text
    assert "refused with 429: All API keys of Northwind. They work again on the 1st" in text
    names = f"Emails go at $200.40, when the forecast exceeds the amount, to: {world.admin.name}."
    assert names in text
    assert 'value="250.5"' in answer.content.decode()
    small = owner.post(url("budget_create"), {**NEW, "amount": "0.001", "preview": "1"})
    assert "$0.0026 is spent already, so it stops at once." in words(small)
    assert "No one gets an email." in words(small)
    wrong = owner.post(url("budget_create"), {**NEW, "amount": "x", "preview": "1"})
    assert wrong.status_code == 422
    assert not Budget.objects.exists()


def test_a_total_has_no_forecast(owner: Client) -> None:
    answer = owner.post(url("budget_create"), {**NEW, "period": "total", "alerts": "forecast"})
    assert answer.status_code == 422
    assert "alerts" in answer.context["form"].errors


def test_an_organizations_page_offers_all_its_kinds(world: World, owner: Client) -> None:
    page = owner.get(url("budget_create"))
    text = words(page)
    for name in ("Northwind, the whole organization", world.research.name, world.member.name):
        assert name in text
    assert world.stranger.name not in text
    for scope, subject in (
        (world.research.public_id, world.research),
        (world.external.public_id, world.external),
    ):
        owner.post(url("budget_create"), {**NEW, "scope": scope})
        assert Budget.objects.latest("pk").subject == subject


def test_a_projects_page_offers_its_keys_and_service_accounts(world: World) -> None:
    account = create_account(world.owner, world.research, "Build")
    browser = signed_in(world.project_admin)
    for scope, subject in (
        ("project", world.research),
        (world.key.public_id, world.key),
        (account.public_id, account),
    ):
        answer = browser.post(url("project_budget_create"), {**NEW, "scope": scope})
        budget = Budget.objects.latest("pk")
        assert budget.subject == subject
        assert answer["Location"] == url("project_budget", budget.public_id)
    chosen = browser.get(url("project_budget_create"), {"scope": world.key.public_id})
    assert f'<option value="{world.key.public_id}" selected>' in chosen.content.decode()


@pytest.mark.parametrize("scope", ["other_key", "other_project", "stranger", "production"])
def test_nothing_else_can_be_chosen(world: World, scope: str) -> None:
    subject = getattr(world, scope)
    answer = signed_in(world.project_admin).post(
        url("project_budget_create"), {**NEW, "scope": subject.public_id}
    )
    assert answer.status_code == 422
    assert not Budget.objects.exists()


def test_only_people_who_may_see_a_budget_are_notified(world: World, owner: Client) -> None:
    text = words(owner.get(url("budget_create")))
    assert "Who is notified" in text
    recipients = owner.get(url("budget_create")).context["form"].fields["recipients"].choices
    assert {value for value, _ in recipients} == {world.owner.public_id, world.admin.public_id}
    page = signed_in(world.project_admin).get(url("project_budget_create"))
    people = (world.owner, world.admin, world.project_admin, world.project_member)
    offered = {value for value, _ in page.context["form"].fields["recipients"].choices}
    assert offered == {user.public_id for user in people}
