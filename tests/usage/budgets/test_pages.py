"""Pages of budgets: the list, a budget's own page, creating, changing, deleting, a test alert."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import OutgoingMail, User
from keys.models import SpendBlock
from tests.keys.helpers.service_accounts import create_account
from tests.support.clock import set_clock
from tests.support.pages import own_queries, queries, signed_in, words
from tests.usage.budgets.setup import (
    DOLLAR,
    EVENT,
    blocked,
    new_budget,
    notifying_budget,
    spend,
    verdict,
)
from tests.world import World
from usage.enums import BudgetKind, BudgetPeriod, Threshold
from usage.models import Budget

pytestmark = pytest.mark.django_db
NEW = {"scope": "organization", "period": "month", "kind": "hard_stop", "amount": "250.5"}


def url(name: str, *args: str) -> str:
    slug = "research" if name.startswith("project_") else "northwind"
    return reverse(name, args=[slug, *args])


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


def test_who_may_not_see_a_budget_any_more_gets_no_alert(world: World, secret: str) -> None:
    budget = new_budget(
        world,
        EVENT,
        project=world.research,
        alerts=[(Threshold.PERCENT, 100)],
        recipients=[world.project_member, world.owner],
    )
    world.project_member_row.delete()
    spend(world, secret)
    assert budget.sent_alerts.count() == 1
    alerts = OutgoingMail.objects.filter(kind="budget_alert")
    assert set(alerts.values_list("recipient", flat=True)) == {world.owner.pk}


def test_a_list_says_what_is_spent_and_what_is_stopped(
    world: World, owner: Client, secret: str
) -> None:
    new_budget(world, 1_000 * EVENT, kind=BudgetKind.ALERT)
    new_budget(world, 2 * EVENT, api_key=world.key)
    dry = new_budget(world, 2 * EVENT, project=world.research, kind=BudgetKind.DRY_RUN)
    spend(world, secret, 3)
    text = words(owner.get(url("budgets")))
    assert f"The API key {world.key.name} is stopped." in text
    assert "Project Admins, the Owner and Admins can raise it. Show budget Raise amount" in text
    assert "A hard stop would have refused API keys since" in text
    assert "$0.00088 over the amount." in text
    assert "150.0%" in text
    assert "3 budgets, 1 stopping" in text
    rows = owner.get(url("budgets")).context["rows"]
    assert [row.budget.scope for row in rows] == [3, dry.scope, 1]


def test_a_projects_list_has_both_figures_and_the_organizations_budgets_for_admins(
    world: World, owner: Client, secret: str
) -> None:
    budget = new_budget(world, 100 * EVENT)
    new_budget(world, 50 * EVENT, project=world.research)
    spend(world, secret)
    text = words(owner.get(url("project_budgets")))
    assert (
        "Intended for this project $0.00088" in text or "Intended for this project $0.0009" in text
    )
    assert "Billed to this project" in text
    assert "From the organization" in text
    assert budget.public_id in owner.get(url("project_budgets")).content.decode()
    text = words(signed_in(world.project_member).get(url("project_budgets")))
    assert "From the organization" not in text
    assert "New budget" not in text
    assert "left" in text


def test_lists_cost_the_same_queries_with_1_and_30_budgets(world: World, owner: Client) -> None:
    for name in ("budgets", "project_budgets"):
        notifying_budget(world.owner, world.research)
        with queries() as few:
            owner.get(url(name))
        for _ in range(30):
            new_budget(world, DOLLAR, api_key=world.key)
            new_budget(world, DOLLAR, user=world.member)
        with queries() as many:
            owner.get(url(name))
        assert len(own_queries(many)) == len(own_queries(few))


def test_raising_the_amount_lifts_a_stop(world: World, owner: Client, secret: str) -> None:
    budget = new_budget(world, EVENT, api_key=world.key)
    spend(world, secret)
    page = url("project_budget_change", budget.public_id)
    assert "works again with the next request when you raise the amount above $0.00088" in words(
        owner.get(page)
    )
    answer = owner.post(page, {"amount": "1", "kind": "hard_stop"})
    assert answer["Location"] == url("project_budget", budget.public_id)
    assert verdict(world.key_secret) == "valid"


def test_a_change_keeps_what_its_form_shows(world: World, owner: Client) -> None:
    budget = new_budget(
        world,
        DOLLAR,
        alerts=[(Threshold.PERCENT, 80), (Threshold.AMOUNT, DOLLAR // 2), (Threshold.FORECAST, 0)],
        recipients=[world.admin],
    )
    before = sorted(budget.alerts.values_list("threshold", "value"))
    page = url("budget_change", budget.public_id)
    form = owner.get(page).context["form"]
    data = {field.name: field.value() for field in form if field.value()}
    assert owner.post(page, data).status_code == 302
    budget.refresh_from_db()
    assert sorted(budget.alerts.values_list("threshold", "value")) == before
    assert list(budget.recipients.all()) == [world.admin]
    assert budget.revision == 1


def test_deleting_says_what_works_again(world: World, owner: Client, secret: str) -> None:
    budget = new_budget(world, EVENT, project=world.research)
    spend(world, secret)
    page = url("project_budget_delete", budget.public_id)
    text = words(owner.get(page))
    assert f"All API keys of {world.research.name} work again with the next request" in text
    assert verdict(world.key_secret) == "budget_exceeded"
    assert owner.post(page)["Location"] == url("project_budgets")
    assert verdict(world.key_secret) == "valid"
    assert "This budget was deleted" in words(owner.get(url("project_budget", budget.public_id)))
    change = {"amount": "5", "kind": "alert"}
    assert owner.post(url("project_budget_change", budget.public_id), change).status_code == 409


def test_a_budgets_page_has_its_periods_and_sent_alerts(
    world: World, owner: Client, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(monkeypatch, dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC))
    budget = new_budget(world, 2 * EVENT, period=BudgetPeriod.DAY, alerts=[(Threshold.PERCENT, 80)])
    spend(world, secret, 3, time="2026-11-18T11:00:00Z")
    set_clock(monkeypatch, dt.datetime(2026, 11, 19, 12, tzinfo=dt.UTC))
    spend(world, secret, 1, time="2026-11-19T11:00:00Z")
    text = words(owner.get(url("budget", budget.public_id)))
    assert "19 Nov 2026 $0.00088 $0.0018 50.0% —" in text
    assert "18 Nov 2026 $0.0026 $0.0018 150.0% $0.00088" in text
    assert "80% 24 hours ago $0.0026 $0.0018" in text or "80% 1 day ago $0.0026 $0.0018" in text


def test_a_test_alert_goes_to_the_recipients_once_a_minute(world: World, owner: Client) -> None:
    budget = notifying_budget(world.owner, world.organization)
    page = url("budget_test", budget.public_id)
    assert world.owner.name in words(owner.get(page))
    assert owner.post(page)["Location"] == url("budget", budget.public_id)
    assert owner.post(page).status_code == 429
    mail = OutgoingMail.objects.get(kind="budget_alert")
    assert mail.recipient == world.owner
    assert "This is a test." in mail.body
    assert not budget.sent_alerts.exists()


def test_a_budget_that_notifies_no_one_has_no_test(world: World, owner: Client) -> None:
    budget = new_budget(world, DOLLAR)
    answer = owner.post(url("budget_test", budget.public_id))
    assert answer.status_code == 409
    assert "notifies no one" in words(answer)


def test_reading_changes_nothing(world: World, owner: Client) -> None:
    budget = notifying_budget(world.owner, world.organization)
    before = list(Budget.objects.values()), list(SpendBlock.objects.values()), blocked()
    names = (
        ("budgets", "budget_create"),
        ("budget", "budget_change", "budget_delete", "budget_test"),
    )
    for name in names[0]:
        owner.get(url(name))
    for name in names[1]:
        owner.get(url(name, budget.public_id))
    assert (list(Budget.objects.values()), list(SpendBlock.objects.values()), blocked()) == before


def test_names_of_people_are_escaped(world: World, owner: Client) -> None:
    User.objects.filter(pk=world.member.pk).update(name="<b>Bold</b>")
    new_budget(world, DOLLAR, user=User.objects.get(pk=world.member.pk))
    assert b"<b>Bold</b>" not in owner.get(url("budgets")).content


def test_support_alone_changes_what_support_set(world: World, owner: Client) -> None:
    budget = new_budget(world, DOLLAR)
    Budget.objects.filter(pk=budget.pk).update(authority="support")
    text = words(owner.get(url("budget", budget.public_id)))
    assert "Only support can raise or delete it." in text
    assert "Change budget" not in text
    for name, data in (("budget_change", {"amount": "9", "kind": "alert"}), ("budget_delete", {})):
        answer = owner.post(url(name, budget.public_id), data)
        assert answer.status_code == 409
        assert "Only support can change or delete it." in words(answer)
    budget.refresh_from_db()
    assert (budget.amount, budget.ended_at) == (DOLLAR, None)
