"""Spend limits and spend alerts by the API: what they are of the budgets on pages, and what is refused."""

from typing import Any

import pytest

from accounts.actors import Actor
from accounts.enums import Action
from accounts.models import AuditEvent
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.api_client import error_of
from tests.keys.helpers.management import send
from tests.keys.helpers.personal_tokens import made
from tests.usage.budgets.setup import DOLLAR, EVENT, new_budget, spend, verdict
from tests.usage.helpers.event_client import pipe
from tests.world import World
from usage.budgets.services import change_budget
from usage.enums import BudgetAuthority, BudgetKind, BudgetPeriod, Threshold
from usage.models import Budget

pytestmark = pytest.mark.django_db
LIMIT, ALERTS = "/v1/organization/spend_limit", "/v1/organization/spend_alerts"
MONTHLY = {"currency": "USD", "interval": "month"}
CENT = DOLLAR // 100


@pytest.fixture
def secret(world: World) -> str:
    return issue_admin_key(world.owner, world.organization).secret


def limit_of(cents: int) -> dict[str, Any]:
    return {**MONTHLY, "threshold_amount": cents}


def alert_of(cents: int, *emails: str) -> dict[str, Any]:
    channel = {"type": "email", "recipients": list(emails)}
    return {**limit_of(cents), "notification_channel": channel}


def test_the_spend_limit_is_one_monthly_hard_stop(world: World, secret: str) -> None:
    new_budget(world, 7 * DOLLAR)  # another one, which programs do not see
    assert send(secret, "GET", LIMIT).status_code == 404
    assert send(secret, "DELETE", LIMIT).status_code == 404
    answer = send(secret, "POST", LIMIT, limit_of(150_000))
    assert answer.json() == {
        "object": "organization.spend_limit",
        **limit_of(150_000),
        "console_amount": "1500",
        "enforcement": {"status": "inactive"},
    }
    budget = Budget.objects.get(is_default=True)
    assert (budget.period, budget.kind) == (BudgetPeriod.MONTH, BudgetKind.HARD_STOP)
    assert send(secret, "POST", LIMIT, limit_of(1)).json()["console_amount"] == "0.01"
    assert Budget.objects.current().count() == 2
    assert send(secret, "DELETE", LIMIT).json() == {
        "object": "organization.spend_limit.deleted",
        "deleted": True,
    }
    acts = AuditEvent.objects.filter(target_id=budget.public_id).order_by("pk")
    assert list(acts.values_list("act", flat=True)) == [
        Action.BUDGET_CREATED,
        Action.BUDGET_CHANGED,
        Action.BUDGET_DELETED,
    ]
    assert send(secret, "POST", LIMIT, limit_of(2)).status_code == 200


def test_it_stops_keys_until_it_is_raised(world: World, secret: str) -> None:
    path = f"/v1/organization/projects/{world.research.public_id}/spend_limit"
    assert send(secret, "POST", path, limit_of(1)).status_code == 200
    spend(world, pipe(world), CENT // EVENT + 1)
    answer = send(secret, "GET", path).json()
    assert (answer["object"], answer["enforcement"]) == (
        "project.spend_limit",
        {"status": "enforcing"},
    )
    assert verdict(world.key_secret) == "budget_exceeded"
    raised = send(secret, "POST", path, limit_of(100)).json()
    assert (raised["enforcement"], verdict(world.key_secret)) == ({"status": "inactive"}, "valid")


def test_cents_are_rounded_down_and_the_exact_amount_is_told(world: World, secret: str) -> None:
    new_budget(world, 12 * CENT - 1, is_default=True)
    answer = send(secret, "GET", LIMIT).json()
    assert (answer["threshold_amount"], answer["console_amount"]) == (11, "0.1199999999")


@pytest.mark.parametrize("cents", [0, -1, 1.5, "5", None, 2**63])
def test_an_amount_is_a_positive_number_of_cents(secret: str, cents: Any) -> None:
    answer = send(secret, "POST", LIMIT, limit_of(cents))
    assert (answer.status_code, error_of(answer)["param"]) == (422, "threshold_amount")


def test_what_support_set_cannot_be_changed(world: World, secret: str) -> None:
    send(secret, "POST", LIMIT, limit_of(100))
    created = send(secret, "POST", ALERTS, alert_of(100, world.owner.email)).json()
    Budget.objects.update(authority=BudgetAuthority.SUPPORT)
    assert send(secret, "GET", LIMIT).status_code == 200
    path = f"{ALERTS}/{created['id']}"
    answers = [
        send(secret, "POST", LIMIT, limit_of(200)),
        send(secret, "DELETE", LIMIT),
        send(secret, "POST", path, alert_of(200, world.owner.email)),
        send(secret, "DELETE", path),
    ]
    assert {answer.status_code for answer in answers} == {409}


def test_a_dry_run_is_no_spend_limit(world: World, secret: str) -> None:
    send(secret, "POST", LIMIT, limit_of(100))
    budget = Budget.objects.get(is_default=True)
    change_budget(
        actor=Actor.of_user(world.owner),
        budget=budget,
        kind=BudgetKind.DRY_RUN,
        amount=DOLLAR,
        alerts=[],
        recipients=[],
    )
    assert send(secret, "GET", LIMIT).status_code == 404
    assert send(secret, "POST", LIMIT, limit_of(100)).status_code == 200


def test_setting_a_limit_keeps_its_alerts_and_recipients(world: World, secret: str) -> None:
    budget = new_budget(
        world,
        DOLLAR,
        is_default=True,
        alerts=[(Threshold.PERCENT, 80)],
        recipients=[world.owner],
    )
    send(secret, "POST", LIMIT, limit_of(500))
    budget.refresh_from_db()
    assert (budget.amount, [str(alert) for alert in budget.alerts.all()]) == (5 * DOLLAR, ["80%"])
    assert list(budget.recipients.all()) == [world.owner]


def test_a_spend_alert_notifies_and_refuses_nothing(world: World, secret: str) -> None:
    body = alert_of(1_000, world.admin.email, world.owner.email.upper())
    created = send(secret, "POST", ALERTS, body).json()
    budget = Budget.objects.get(public_id=created["id"])
    assert (budget.kind, [str(alert) for alert in budget.alerts.all()]) == (
        BudgetKind.ALERT,
        ["100%"],
    )
    channel = created.pop("notification_channel")
    assert channel == {
        "type": "email",
        "recipients": [world.admin.email, world.owner.email],
        "subject_prefix": None,
    }
    assert created == {
        "object": "organization.spend_alert",
        "id": budget.public_id,
        **limit_of(1_000),
        "console_amount": "10",
    }


def test_the_same_alert_again_is_refused(world: World, secret: str) -> None:
    body = alert_of(1_000, world.owner.email)
    answers = [send(secret, "POST", ALERTS, body).status_code for _ in range(2)]
    assert (answers, Budget.objects.count()) == ([200, 409], 1)


@pytest.mark.parametrize("email", ["member@northwind.example", "nobody@x.example", "\x00", ""])
def test_recipients_may_see_the_budget(world: World, secret: str, email: str) -> None:
    answer = send(secret, "POST", ALERTS, alert_of(1_000, world.owner.email, email))
    param = "notification_channel.recipients[1]"
    assert (answer.status_code, error_of(answer)["param"]) == (422, param)


def test_alerts_are_listed_in_pages(world: World, secret: str) -> None:
    new_budget(world, DOLLAR, kind=BudgetKind.ALERT)  # it does not notify at its amount
    new_budget(world, DOLLAR, kind=BudgetKind.HARD_STOP, alerts=[(Threshold.PERCENT, 100)])
    ids = [
        send(secret, "POST", ALERTS, alert_of(cents, world.owner.email)).json()["id"]
        for cents in (100, 200, 300)
    ]
    first = send(secret, "GET", f"{ALERTS}?order=asc&limit=2").json()
    assert ([row["id"] for row in first["data"]], first["has_more"]) == (ids[:2], True)
    rest = send(secret, "GET", f"{ALERTS}?order=asc&limit=2&after={first['last_id']}").json()
    assert ([row["id"] for row in rest["data"]], rest["has_more"]) == (ids[2:], False)
    before = send(secret, "GET", f"{ALERTS}?order=asc&limit=1&before={ids[2]}").json()
    assert [row["id"] for row in before["data"]] == [ids[1]]
    of_project = f"/v1/organization/projects/{world.research.public_id}/spend_alerts"
    assert send(secret, "GET", of_project).json()["data"] == []
    assert send(secret, "GET", f"{of_project}/{ids[0]}").status_code == 404


def test_a_project_member_sees_and_does_not_change(world: World) -> None:
    secret = made(world.project_member, world.research).secret
    path = f"/v1/organization/projects/{world.research.public_id}"
    assert send(secret, "GET", f"{path}/spend_alerts").status_code == 200
    assert send(secret, "POST", f"{path}/spend_limit", limit_of(100)).status_code == 403
    external = made(world.external, world.research).secret
    assert send(external, "GET", f"{path}/spend_limit").status_code == 403
