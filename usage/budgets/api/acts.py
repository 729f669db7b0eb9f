"""What the API of budgets does, alike for an organization and for a project."""

from django.db.models import Prefetch, QuerySet
from django.http import Http404

from accounts.actors import Actor
from accounts.email_addresses import normalize_email
from accounts.models import User
from accounts.web.api.errors import refuse_value
from accounts.web.api.listing import ObjectList, RangeParameters, fetch_range, make_list
from accounts.web.pagination import Order
from usage.budgets.api.payloads import (
    DELETED_ALERT_NAMES,
    DELETED_LIMIT_NAMES,
    SpendAlert,
    SpendAlertDeleted,
    SpendAlertFields,
    SpendLimit,
    SpendLimitChange,
    SpendLimitDeleted,
)
from usage.budgets.reference import (
    change_spend_alert,
    create_spend_alert,
    find_spend_alerts,
    find_spend_limit,
    set_spend_limit,
)
from usage.budgets.services import delete_budget
from usage.budgets.subjects import Subject, find_viewers
from usage.models import Budget

RECIPIENTS = "notification_channel.recipients"
NOT_A_VIEWER = "{} is not the email address of someone who may see this budget."


def require_spend_limit(subject: Subject) -> Budget:
    """Returns the budget that is the spend limit. Raises Http404 if there is none."""
    budget = find_spend_limit(subject)
    if budget is None:
        raise Http404
    return budget


def change_limit(actor: Actor, subject: Subject, body: SpendLimitChange) -> SpendLimit:
    budget = set_spend_limit(actor=actor, subject=subject, amount=body.amount)
    return SpendLimit.of_budget(budget)


def delete_limit(actor: Actor, subject: Subject) -> SpendLimitDeleted:
    budget = require_spend_limit(subject)
    delete_budget(actor=actor, budget=budget)
    return SpendLimitDeleted(DELETED_LIMIT_NAMES[budget.scope])


def get_alerts(subject: Subject) -> QuerySet[Budget]:
    """Returns the spend alerts of a subject with the recipients who may see them."""
    viewers = find_viewers(subject).order_by("email")
    return find_spend_alerts(subject).prefetch_related(Prefetch("recipients", queryset=viewers))


def find_alert(subject: Subject, reference: str) -> Budget:
    """Returns a spend alert of the subject. Raises Http404 if there is none with that id."""
    budget = get_alerts(subject).filter(public_id=reference).first()
    if budget is None:
        raise Http404
    return budget


def list_alerts(subject: Subject, query: RangeParameters) -> ObjectList[SpendAlert]:
    order = Order("created_at", descending=query.order == "desc")
    fetched = fetch_range(get_alerts(subject), query, order)
    at_end = query.before is not None and query.after is None
    return make_list(fetched, query.limit, order, SpendAlert.of_budget, at_end=at_end)


def create_alert(actor: Actor, subject: Subject, body: SpendAlertFields) -> SpendAlert:
    recipients = read_recipients(subject, body.notification_channel.recipients)
    budget = create_spend_alert(
        actor=actor, subject=subject, amount=body.amount, recipients=recipients
    )
    return SpendAlert.of_budget(find_alert(subject, budget.public_id))


def change_alert(
    actor: Actor, subject: Subject, reference: str, body: SpendAlertFields
) -> SpendAlert:
    budget = find_alert(subject, reference)
    recipients = read_recipients(subject, body.notification_channel.recipients)
    change_spend_alert(actor=actor, budget=budget, amount=body.amount, recipients=recipients)
    return SpendAlert.of_budget(find_alert(subject, reference))


def delete_alert(actor: Actor, subject: Subject, reference: str) -> SpendAlertDeleted:
    budget = find_alert(subject, reference)
    delete_budget(actor=actor, budget=budget)
    return SpendAlertDeleted(object=DELETED_ALERT_NAMES[budget.scope], id=budget.public_id)


def read_recipients(subject: Subject, emails: list[str]) -> list[User]:
    """Returns the people with these addresses who may see the budgets of a subject.

    Raises Refused with 422 for any other address.
    """
    addresses = [normalize_email(email).replace("\x00", "") for email in emails]
    people = {user.email: user for user in find_viewers(subject).filter(email__in=addresses)}
    for index, address in enumerate(addresses):
        if address not in people:
            message = NOT_A_VIEWER.format(emails[index])
            raise refuse_value(message, f"{RECIPIENTS}[{index}]")
    return list(people.values())
