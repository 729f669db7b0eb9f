"""Reattributions in Django admin: preview what would be moved; then move, undo and resume it."""

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
from usage.amounts import COST_DIGITS, format_decimal
from usage.enums import ReattributionState
from usage.models import Product, Reattribution
from usage.periods import Period
from usage.reattribution.forms import MoveForm
from usage.reattribution.preview import PlannedMove, fetch_projects, plan_moves, summarize
from usage.reattribution.services.lifecycle import (
    CHANGE,
    MOVE,
    begin_move,
    begin_undo,
    dispatch_move,
    resume,
)

# The preview lists the most expensive ones; its sums are of all.
MAX_LISTED_MOVES = 200
STARTED = "Started. State and events below show the progress; reload the page to update them."


def describe_move(move: Reattribution) -> list[tuple[str, object]]:
    done, planned = move.steps
    return [
        ("Product", move.product),
        ("Period", f"{move.first_day} to {move.last_day} (UTC)"),
        ("State", move.get_state_display()),
        ("Events", f"{done:,} of {planned:,}"),
        ("Cost moved", f"{format_decimal(move.moved_cost, COST_DIGITS)} USD"),
    ]


def describe_undo(move: Reattribution) -> list[tuple[str, object]]:
    effect = (
        "The events that were moved go back to where they were first billed, with "
        "all later corrections. The audit log of each affected organization records this. You can't redo "
        "it, but you can move the usage again."
    )
    return [*describe_move(move), ("What happens", effect)]


def describe_resume(move: Reattribution) -> list[tuple[str, object]]:
    effect = (
        "The worker continues where it stopped. If it hasn't stopped, nothing is done twice. "
        "It resumes by itself after two minutes without progress."
    )
    return [*describe_move(move), ("Last progress", move.touched_at), ("What happens", effect)]


def perform_undo(request: HttpRequest, move: Reattribution) -> None:
    dispatch_move(move=begin_undo(actor=Actor.of(request), move=move))


def perform_resume(request: HttpRequest, move: Reattribution) -> None:
    dispatch_move(move=resume(actor=Actor.of(request), move=move))


UNDO = StaffAction(
    name="undo",
    title="Undo",
    button="Undo",
    form=lambda data, move: ActionForm(data),
    facts=describe_undo,
    perform=perform_undo,
    done=STARTED,
    permission=CHANGE,
    is_open=lambda move: move.state in (ReattributionState.APPLYING, ReattributionState.APPLIED),
)
RESUME = StaffAction(
    name="resume",
    title="Resume",
    button="Resume",
    form=lambda data, move: ActionForm(data),
    facts=describe_resume,
    perform=perform_resume,
    done=STARTED,
    permission=CHANGE,
    is_open=lambda move: move.is_running,
)


def perform_move(request: HttpRequest, **data: Any) -> Reattribution:
    move = begin_move(actor=Actor.of(request), **data)
    dispatch_move(move=move)
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
        return format_decimal(move.moved_cost, COST_DIGITS)

    @admin.display(description="Created by")
    def maker(self, move: Reattribution) -> str:
        return str(move.made_by or "bin/manage")

    def get_urls(self) -> list[URLPattern]:
        return [self.build_pattern("move/", "move", self.move_page), *super().get_urls()]

    def move_page(self, request: HttpRequest) -> HttpResponse:
        """Previews the move that the query describes; a POST starts it."""
        if not request.user.has_perm(MOVE):
            raise PermissionDenied
        form = MoveForm(request.POST or request.GET or None)
        status = form.status
        if request.method == "POST":
            if form.perform(lambda **data: perform_move(request, **data)):
                return self.redirect_to_move(request, form.result)
            status = form.status
        elif form.is_valid():
            status = 200
        context = {
            **self.admin_site.each_context(request),
            "own_page": reverse("admin:usage_reattribution_changelist"),
            "original": "Reattributions",
            "title": "Move usage",
            "form": form,
            **(build_preview(**form.cleaned_data) if form.is_valid() else {}),
        }
        return render(request, "admin/usage/reattribution/move.html", context, status=status)

    def redirect_to_move(self, request: HttpRequest, move: Reattribution) -> HttpResponse:
        self.log_addition(request, move, "Moved.")
        messages.success(request, STARTED)
        return redirect(self.change_url(move))


def build_preview(product: Product, period: Period) -> dict[str, Any]:
    """Returns the context of the preview."""
    moves = plan_moves(product, period)
    listed = moves[:MAX_LISTED_MOVES]
    projects = fetch_projects(listed)
    return {
        "previewed": True,
        "product": product,
        "period": period,
        "moves": [format_move(move, projects) for move in listed],
        "more": len(moves) - len(listed),
        "sums": summarize(moves),
        "total_records": f"{sum(move.records for move in moves):,}",
    }


def format_move(move: PlannedMove, projects: dict[int, Any]) -> dict[str, Any]:
    return {
        "source": projects[move.source.project],
        "target": projects[move.target.project],
        "records": f"{move.records:,}",
        "cost": format_decimal(move.cost, COST_DIGITS),
    }
