"""Re-attributions in Django admin: what would be moved is looked at first; then moved, undone, resumed."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, reverse

from accounts.actors import Actor
from accounts.admin import ReadOnly
from accounts.forms import ActionForm
from accounts.support.admin_actions import StaffAction, StaffActionsAdmin
from usage.amounts import COST_DIGITS, text_of
from usage.enums import ReattributionState
from usage.models import Reattribution
from usage.reattribution.forms import MoveForm
from usage.reattribution.preview import Line, Period, projects_of, sums, to_move
from usage.reattribution.services.lifecycle import (
    CHANGE,
    MOVE,
    begin_move,
    begin_undo,
    carry_on,
    resume,
)

# The costliest; the sums below are of all.
SHOWN = 200
BEGUN = "Begun. State and events below say how far it is; reload the page to see more."


def facts(move: Reattribution) -> list[tuple[str, object]]:
    done, planned = move.steps
    return [
        ("Product", move.product),
        ("Period", f"{move.first_day} to {move.last_day} (UTC)"),
        ("State", move.get_state_display()),
        ("Events", f"{done:,} of {planned:,}"),
        ("Cost moved", f"{text_of(move.moved_cost, COST_DIGITS)} USD"),
    ]


def undo_facts(move: Reattribution) -> list[tuple[str, object]]:
    happens = (
        f"The {move.moved_records:,} events it has moved go back to where they landed first, with what has "
        "corrected them since. The audit log of each organization concerned says so. It cannot be redone, "
        "but moved again."
    )
    return [*facts(move), ("What happens", happens)]


def resume_facts(move: Reattribution) -> list[tuple[str, object]]:
    happens = (
        "The worker goes on from where it stopped. If it has not stopped, nothing is done twice. "
        "It resumes by itself after two minutes without progress."
    )
    return [*facts(move), ("Last progress", move.touched_at), ("What happens", happens)]


def undo(request: HttpRequest, move: Reattribution) -> None:
    carry_on(move=begin_undo(actor=Actor.of(request), move=move))


def resume_it(request: HttpRequest, move: Reattribution) -> None:
    carry_on(move=resume(actor=Actor.of(request), move=move))


UNDO = StaffAction(
    name="undo",
    title="Undo",
    button="Undo",
    form=lambda data, move: ActionForm(data),
    facts=undo_facts,
    perform=undo,
    done=BEGUN,
    permission=CHANGE,
    is_open=lambda move: move.state in (ReattributionState.APPLYING, ReattributionState.APPLIED),
)
RESUME = StaffAction(
    name="resume",
    title="Resume",
    button="Resume",
    form=lambda data, move: ActionForm(data),
    facts=resume_facts,
    perform=resume_it,
    done=BEGUN,
    permission=CHANGE,
    is_open=lambda move: move.is_running,
)


def begin(request: HttpRequest, **data: Any) -> Reattribution:
    move = begin_move(actor=Actor.of(request), **data)
    carry_on(move=move)
    return move


class ReattributionAdmin(ReadOnly, StaffActionsAdmin):
    change_form_template = "admin/acts_change_form.html"
    change_list_template = "admin/usage/reattribution/change_list.html"
    staff_actions = (UNDO, RESUME)
    list_display = ("product", "period", "state", "progress", "cost", "maker", "made_at")
    list_filter = ("state", "product")
    list_select_related = ("product", "made_by")
    ordering = ("-pk",)
    search_fields = ("public_id", "product__name", "product__code", "made_by__email")
    fields = readonly_fields = (
        "public_id", "product", "period", "state", "progress", "cost", "maker", "made_at",
        "touched_at", "finished_at",
    )  # fmt: skip

    @admin.display(description="Period (UTC days)")
    def period(self, move: Reattribution) -> str:
        return f"{move.first_day} to {move.last_day}"

    @admin.display(description="Events")
    def progress(self, move: Reattribution) -> str:
        done, planned = move.steps
        back = " moved back" if move.state in ("undoing", "undone") else ""
        return f"{done:,} of {planned:,}{back}"

    @admin.display(description="Cost moved, USD")
    def cost(self, move: Reattribution) -> str:
        return text_of(move.moved_cost, COST_DIGITS)

    @admin.display(description="Made by")
    def maker(self, move: Reattribution) -> str:
        return str(move.made_by or "bin/manage")

    def get_urls(self) -> list[URLPattern]:
        return [self.build_pattern("move/", "move", self.move_page), *super().get_urls()]

    def move_page(self, request: HttpRequest) -> HttpResponse:
        """What would be moved, for the product and days in the address; a POST moves it."""
        if not request.user.has_perm(MOVE):
            raise PermissionDenied
        form = MoveForm(request.POST or request.GET or None)
        status = form.status
        if request.method == "POST":
            if form.perform(lambda **data: begin(request, **data)):
                return self.begun(request, form.result)
            status = form.status
        elif form.is_valid():
            status = 200
        context = {
            **self.admin_site.each_context(request),
            "own_page": reverse("admin:usage_reattribution_changelist"),
            "original": "Re-attributions",
            "title": "Move usage",
            "form": form,
            **(preview(**form.cleaned_data) if form.is_valid() else {}),
        }
        return render(request, "admin/usage/reattribution/move.html", context, status=status)

    def begun(self, request: HttpRequest, move: Reattribution) -> HttpResponse:
        self.log_addition(request, move, "Moved.")
        messages.success(request, BEGUN)
        return redirect(self.change_url(move))


def preview(product: Any, period: Period) -> dict[str, Any]:
    """What the page shows of what would be moved."""
    lines = to_move(product, period)
    shown = lines[:SHOWN]
    projects = projects_of(shown)
    return {
        "previewed": True,
        "product": product,
        "period": period,
        "lines": [spoken(line, projects) for line in shown],
        "more": len(lines) - len(shown),
        "sums": sums(lines),
        "together": f"{sum(line.records for line in lines):,}",
    }


def spoken(line: Line, projects: dict[int, Any]) -> dict[str, Any]:
    return {
        "source": projects[line.source.project],
        "target": projects[line.target.project],
        "records": f"{line.records:,}",
        "cost": text_of(line.cost, COST_DIGITS),
    }
