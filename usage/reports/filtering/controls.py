"""What changes a report on its page: period, step, grouping, measure and filter."""

import datetime as dt
from typing import Any, NamedTuple

from django.http import QueryDict

from usage.enums import Measure, Step
from usage.periods import Period
from usage.reports.filtering.filters import (
    FilterLink,
    ReportUrl,
    list_filters,
    list_hidden_fields,
)
from usage.reports.forms import ReportForm
from usage.reports.periods import MOST_DAYS, choose_step, is_possible, list_presets
from usage.reports.tags import AnyDimension


class StepOption(NamedTuple):
    """A step that can be chosen; `is_possible` says whether the period is short enough for it."""

    step: Step
    most_days: int
    is_possible: bool


def build_controls(form: ReportForm, query: QueryDict, today: dt.date) -> dict[str, Any]:
    """Returns the context of the controls, whether the form is valid or not."""
    url = ReportUrl(query)
    parameters = form.read_parameters()
    return {
        "form": form,
        "parameters": parameters,
        "presets": [
            FilterLink(
                preset.label,
                build_preset_url(url, preset.period),
                preset.period == form.period,
            )
            for preset in list_presets(today)
        ],
        "measures": [
            FilterLink(
                measure.label,
                url.build(measure=measure.value, unit=""),
                measure.value == parameters["measure"],
            )
            for measure in Measure
        ],
        "steps": list_step_options(form),
        "automatic_step": choose_step(form.period).label,
        "automatic_url": url.build(granularity=""),
        "dimensions": list_dimensions(form),
        "chosen": list_hidden_fields(query, list_filters(query)),
        "filter_url": f"filter/{url.build()}",
        "save_view_url": f"save-view/{url.build()}",
        "clear_url": build_clear_url(url),
    }


def list_dimensions(form: ReportForm) -> list[AnyDimension]:
    """Returns what can be chosen to group by, also a tag in the URL that is not among the first by name."""
    chosen = [tag for tag in form.tags if tag not in form.scope.tag_dimensions]
    return [*form.scope.dimensions, *form.scope.tag_dimensions, *chosen]


def list_step_options(form: ReportForm) -> list[StepOption]:
    return [StepOption(step, MOST_DAYS[step], is_possible(step, form.period)) for step in Step]


def build_preset_url(url: ReportUrl, period: Period) -> str:
    """Returns the URL of another period, with the chosen step if that is possible there."""
    changes = {"start": f"{period.start}", "end": f"{period.end}"}
    chosen = url.query.get("granularity", "")
    if chosen not in Step or not is_possible(Step(chosen), period):
        changes["granularity"] = ""
    return url.build(**changes)


def build_clear_url(url: ReportUrl) -> str:
    """Returns the URL without any filter."""
    return url.build(**dict.fromkeys(list_filters(url.query), ""), unit="")
