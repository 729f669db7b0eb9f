"""What the pages of budgets do, alike for an organization and for a project."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.actors import Actor
from accounts.forms import ActionForm, get_form_data
from accounts.web.formatting import format_count
from projects.access import ProjectAccess
from usage.budgets.figures import build_figures
from usage.budgets.lists import (
    Access,
    describe_budget,
    get_budgets,
    list_budgets,
    locate_budget,
    locate_budgets,
)
from usage.budgets.pages.choices import OWN_ORGANIZATION, OWN_PROJECT, SubjectChoices
from usage.budgets.pages.forms import ChangeBudgetForm, CreateBudgetForm
from usage.budgets.pages.previews import describe_outcome
from usage.budgets.services import change_budget, create_budget, delete_budget, send_test_alert
from usage.budgets.stops import describe_reach
from usage.budgets.subjects import Subject, find_viewers
from usage.models import Budget


def find_budget(access: Access, reference: str) -> Budget:
    """Returns a budget with a page below that of `access`. Raises Http404 if there is none."""
    budget = get_budgets(access).filter(public_id=reference).first()
    if budget is None:
        raise Http404
    return budget


def render_list(request: HttpRequest, access: Access) -> HttpResponse:
    return render(request, "usage/budgets/list.html", list_budgets(access, request.GET))


def render_budget(request: HttpRequest, access: Access, reference: str) -> HttpResponse:
    context = describe_budget(access, find_budget(access, reference))
    return render(request, "usage/budgets/budget.html", context)


def create(request: HttpRequest, access: Access) -> HttpResponse:
    actor, own = Actor.of(request), Subject(access.organization)
    default = OWN_ORGANIZATION
    if isinstance(access, ProjectAccess):
        own, default = Subject(access.organization, project=access.project), OWN_PROJECT
    form = CreateBudgetForm(
        get_form_data(request),
        SubjectChoices(access),
        find_viewers(own),
        initial={
            "scope": request.GET.get("scope", default)[:60],
            "recipients": [actor.person.public_id],
        },
    )
    if "preview" in request.POST:
        outcome = describe_outcome(**form.cleaned_data) if form.is_valid() else []
        return answer(request, access, form, "create", outcome=outcome)
    if form.is_bound and form.perform_once(
        lambda **data: create_budget(actor=actor, **data), actor=actor, locate=locate_budget
    ):
        return form.answer(request, lambda: "The budget was created.")
    return answer(request, access, form, "create")


def change(request: HttpRequest, access: Access, reference: str) -> HttpResponse:
    actor, budget = Actor.of(request), find_budget(access, reference)
    viewers = find_viewers(Subject.of(budget))
    form = ChangeBudgetForm(get_form_data(request), budget, viewers)
    if form.is_bound and form.perform(
        lambda **data: change_budget(actor=actor, budget=budget, **data)
    ):
        messages.success(request, "The budget was changed.")
        return redirect(locate_budget(budget))
    return answer(request, access, form, "change", budget)


def delete(request: HttpRequest, access: Access, reference: str) -> HttpResponse:
    actor, budget = Actor.of(request), find_budget(access, reference)
    form = ActionForm(get_form_data(request))
    if form.is_bound and form.perform(lambda: delete_budget(actor=actor, budget=budget)):
        messages.success(request, f"The budget of {budget.subject} was deleted.")
        return redirect(locate_budgets(access))
    return answer(request, access, form, "delete", budget)


def send_test(request: HttpRequest, access: Access, reference: str) -> HttpResponse:
    actor, budget = Actor.of(request), find_budget(access, reference)
    form = ActionForm(get_form_data(request))
    if form.is_bound and form.perform(lambda: send_test_alert(actor=actor, budget=budget)):
        people = "1 person" if form.result == 1 else format_count(form.result, "people")
        messages.success(request, f"A test was sent to {people}.")
        return redirect(locate_budget(budget))
    return answer(request, access, form, "test", budget)


def answer(
    request: HttpRequest,
    access: Access,
    form: ActionForm,
    act: str,
    budget: Budget | None = None,
    *,
    outcome: Sequence[str] = (),
) -> HttpResponse:
    """Renders the page of an act with its form; `outcome` is what a valid one would do."""
    context: dict[str, Any] = {
        "access": access,
        "form": form,
        "outcome": outcome,
        "cancel_url": locate_budgets(access),
    }
    if budget:
        [figures] = build_figures([budget])
        context |= {
            "budget": budget,
            "figures": figures,
            "reach": describe_reach(budget),
            "recipients": find_viewers(Subject.of(budget))
            .filter(pk__in=budget.recipients.values("pk"))
            .order_by("name", "pk"),
            "cancel_url": locate_budget(budget),
        }
    status = 200 if outcome else form.status
    return render(request, f"usage/budgets/{act}.html", context, status=status)
