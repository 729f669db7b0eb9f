"""Pages of budgets: the list, a budget's own page, changing, deleting, a test alert."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import OutgoingMail, User
from keys.models import SpendBlock
from tests.support.clock import set_clock
from tests.support.pages import own_queries, queries, signed_in, words
from tests.usage.budgets.setup import (
    DOLLAR,
    EVENT,
    blocked,
    new_budget,
    notifying_budget,
    spend,
    url,
    verdict,
)
from tests.world import World, issued
from usage.enums import BudgetKind, BudgetPeriod, Threshold
from usage.models import Budget

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(world: World) -> Client:
    return signed_in(world.owner)


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


def test_long_lists_have_pages(world: World, owner: Client) -> None:
    """The tightest budgets come first, whatever page they were created for."""
    for number in range(51):
        new_budget(world, (100 - number) * DOLLAR, kind=BudgetKind.ALERT)
    first, second = owner.get(url("budgets")), owner.get(url("budgets"), {"page": "2"})
    assert (len(first.context["rows"]), len(second.context["rows"])) == (50, 1)
    assert "51 budgets" in words(first)
    assert "Page 2 of 2" in words(second)
    assert owner.get(url("budgets"), {"page": "x"}).status_code == 200


def test_a_keys_menu_leads_to_the_budgets_that_it_has_to_pass(
    world: World, owner: Client, secret: str
) -> None:
    own = new_budget(world, 5 * EVENT, api_key=world.key)
    new_budget(world, 9 * EVENT, api_key=issued(world.research, world.owner, "other").key)
    new_budget(world, 9 * EVENT, user=world.owner)
    passing = {own, new_budget(world, 7 * EVENT, project=world.research)}
    passing |= {
        new_budget(world, 8 * EVENT),
        new_budget(world, 6 * EVENT, user=world.project_member),
    }
    here = f"{url('project_budgets')}?key={world.key.public_id}"
    keys = reverse("api_keys", args=["research"])
    assert f'href="{here}"' in owner.get(keys).content.decode()
    page = owner.get(here)
    rows = [*page.context["rows"], *page.context["shared"]]
    assert {row.budget for row in rows} == passing
    assert page.context["tightest"].budget == own
    assert page.context["create_url"].endswith(f"?scope={world.key.public_id}")
    assert f"API key {world.key.name} have to pass" in words(page)
    new_budget(world, 0, api_key=issued(world.research, world.owner, "stopped").key)
    assert "is stopped" not in words(owner.get(here))
    new_budget(world, 0, api_key=world.key)
    assert f"The API key {world.key.name} is stopped." in words(owner.get(here))
    page = signed_in(world.project_member).get(here)
    assert not page.context["shared"]
    assert here not in signed_in(world.external).get(keys).content.decode()


@pytest.mark.parametrize("name", ["other_key", "stranger"])
def test_other_keys_are_like_unknown_ones(world: World, owner: Client, name: str) -> None:
    new_budget(world, DOLLAR, project=world.research)
    reference = getattr(world, name).public_id
    page = owner.get(url("project_budgets"), {"key": reference})
    assert page.context["key"] is None
    assert "1 budget" in words(page)


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
