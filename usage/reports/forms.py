"""Parses a report from the query of a URL; errors are reported at their fields."""

import datetime as dt
from collections.abc import Collection
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import QueryDict

from accounts.models import User
from keys.enums import KeyKind
from keys.models import ApiKey
from projects.models import ServiceAccount
from projects.models.tags import MAX_TAGS
from usage.enums import Dimension, Measure, Step
from usage.models import Series
from usage.periods import Period
from usage.reports.figures.comparison import PeriodComparison
from usage.reports.filtering.model_groups import find_models
from usage.reports.labels import NONE, find_named_projects
from usage.reports.periods import MAX_DAYS, MOST_DAYS, choose_step, find_month, is_possible
from usage.reports.report import Report
from usage.reports.scope import NO_ID, ReportFilter, UsageScope
from usage.reports.tags import AnyDimension, TagDimension, parse_names

EXCLUDE = "exclude_"
MAX_VALUES = 100
MAX_REFERENCE_LENGTH = 100


class DayField(forms.DateField):
    """A UTC date such as 2026-11-30, or nothing."""

    default_error_messages = {
        "invalid": "%(label)s: enter a day as YYYY-MM-DD, such as 2026-11-30."
    }

    def __init__(self, label: str) -> None:
        super().__init__(label=label, required=False, input_formats=["%Y-%m-%d"])
        self.error_messages["invalid"] %= {"label": label}


class MultipleField(forms.Field):
    """A parameter that the URL may have several times."""

    widget = forms.MultipleHiddenInput

    def __init__(self, label: str) -> None:
        super().__init__(label=label, required=False)

    def clean(self, value: Any) -> list[str]:
        values = list(dict.fromkeys(item for item in value or () if item))
        if len(values) > MAX_VALUES:
            raise ValidationError(f"{self.label}: choose at most {MAX_VALUES}.")
        return values


def build_choice_field(label: str, choices: Any) -> forms.ChoiceField:
    """Returns a field for one of a few values, or nothing."""
    values = ", ".join(value for value, _ in choices)
    return forms.ChoiceField(
        label=label,
        choices=choices,
        required=False,
        error_messages={"invalid_choice": f"{label}: choose one of {values}."},
    )


class ReportForm(forms.Form):
    """The parameters of a report. By default it has this month's cost by product."""

    start = DayField("Start")
    end = DayField("End")
    measure = build_choice_field("Measure", Measure.choices)
    granularity = build_choice_field("Granularity", Step.choices)
    unit = forms.CharField(label="Unit", required=False, max_length=20)
    format = build_choice_field("Format", [("csv", "CSV"), ("records", "Records")])

    def __init__(self, data: QueryDict, *, scope: UsageScope, today: dt.date) -> None:
        super().__init__(data)
        self.query = data
        # The values of filters that do not exist, by parameter.
        self.missing: dict[str, list[str]] = {}
        self.scope, self.today, self.items = scope, today, scope.items
        names = [*parse_names(data), *parse_names([data.get("group_by", "")])]
        self.tags = [scope.make_tag_dimension(name) for name in dict.fromkeys(names)]
        self.tags = self.tags[: MAX_TAGS + 1]  # one more, for `clean` to refuse
        choices = [(dimension.value, dimension.label) for dimension in self.dimensions]
        self.fields["group_by"] = build_choice_field("Group by", choices)
        for dimension in self.all_dimensions:
            name, label = dimension.value, str(dimension.label)
            self.fields[name] = MultipleField(label)
            self.fields[EXCLUDE + name] = MultipleField(f"Without {dimension.noun}")

    @property
    def all_dimensions(self) -> list[AnyDimension]:
        """All dimensions, with the tags that the URL names."""
        return [*Dimension, *self.tags]

    @property
    def dimensions(self) -> list[AnyDimension]:
        """Those of the scope."""
        return [*self.scope.dimensions, *self.tags]

    def clean(self) -> dict[str, Any]:
        """Adds defaults and the `period`, and turns the filters into primary keys."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors.keys() & {"start", "end"}:
            cleaned["period"] = self.clean_period(cleaned)
        unit = cleaned.get("unit")
        if unit and not self.items.with_unit(unit):
            self.add_error("unit", f"Unit: nothing is counted in {unit}.")
        if len(self.tags) > MAX_TAGS:
            self.add_error("group_by", f"Group by: use at most {MAX_TAGS} tags.")
        for dimension in self.all_dimensions:
            for name in (dimension.value, EXCLUDE + dimension.value):
                cleaned[name] = self.resolve(name, dimension, cleaned.get(name) or [])
        return cleaned

    def clean_period(self, cleaned: dict[str, Any]) -> Period | None:
        start, end = cleaned["start"], cleaned["end"]
        end = end or find_month(self.today).end
        start = start or find_month(end).start
        period = Period(start, end)
        if end < start:
            self.add_error("end", "End: choose the start or a later day.")
        elif end.year == dt.MAXYEAR:  # weeks and months that start there have no end
            self.add_error("end", "End: choose an earlier day.")
        elif period.days > MAX_DAYS:
            self.add_error("end", f"End: choose a period of at most {MAX_DAYS:,} days.")
        elif start.toordinal() <= MAX_DAYS:  # there is no period before to compare it with
            self.add_error("start", "Start: choose a later day.")
        elif (chosen := cleaned.get("granularity")) and not is_possible(Step(chosen), period):
            longest = MOST_DAYS[Step(chosen)]
            message = f"Granularity: {Step(chosen).label} shows at most {longest} days."
            self.add_error("granularity", message)
        return period

    def resolve(self, name: str, dimension: AnyDimension, references: list[str]) -> list[int]:
        """Returns the primary keys that references stand for, and reports those that do not exist."""
        if not references:
            return []
        label = self.fields[name].label
        if dimension not in self.dimensions:
            self.add_error(name, f"{label}: this report already covers only one project.")
            return []
        ids = self.find_ids(dimension, [text for text in references if is_valid_reference(text)])
        if missing := [reference for reference in references if reference not in ids]:
            self.missing[name] = missing
            listed = ", ".join(reference[:MAX_REFERENCE_LENGTH] for reference in missing[:3])
            self.add_error(name, f"{label}: there is no {listed}.")
        return [pk for reference in references for pk in ids.get(reference, ())]

    def find_ids(
        self, dimension: AnyDimension, references: Collection[str]
    ) -> dict[str, Collection[int]]:
        """Returns the primary keys by reference, of those in the organization that the reader may know."""
        ids: dict[str, Collection[int]] = {}
        if dimension in (Dimension.PRODUCT, Dimension.LINE_ITEM):
            for item in self.items:
                code = item.product.code if dimension == Dimension.PRODUCT else item.code
                ids[code] = [*ids.get(code, ()), item.pk]
            return ids
        if dimension == Dimension.PROJECT:
            projects = self.scope.organization.projects.filter(slug__in=references)
            return {project.slug: [project.pk] for project in projects}
        if dimension == Dimension.MODEL:
            was_used = self.was_used("pk", "model_id")
            return find_models(references, self.scope.organization, was_used)
        if isinstance(dimension, TagDimension):
            tags = dimension.find_tags(self.scope.organization).filter(value__in=references)
            rows = tags.values_list("value", "pk")
        elif dimension == Dimension.API_KEY:
            rows = self.find_keys(references).values_list("public_id", "pk")
        else:
            rows = self.find_people(references).values_list("public_id", "pk")
            accounts = self.find_accounts(references).values_list("public_id", "pk")
            ids = {reference: [-pk] for reference, pk in accounts}
        return {**ids, NONE: [NO_ID], **{reference: [pk] for reference, pk in rows}}

    def find_keys(self, references: Collection[str]) -> Any:
        """Returns the keys that the reader may know, or that the usage shows anyway."""
        may_know = Q(project__in=self.find_projects())
        if not self.scope.knows_default_key:
            may_know &= Q(kind=KeyKind.PROJECT)
        return ApiKey.objects.in_organization(self.scope.organization).filter(
            may_know | self.was_used("pk", "api_key_id"), public_id__in=references
        )

    def find_people(self, references: Collection[str]) -> Any:
        """Returns members, collaborators, creators of keys and users of the usage, likewise."""
        organization, projects = self.scope.organization, self.find_projects()
        relevant = Q(project__in=projects) | self.was_used("pk", "api_key_id")
        creators = ApiKey.objects.in_organization(organization).filter(relevant)
        return User.objects.filter(
            Q(memberships__organization=organization)
            | Q(collaborations__project__in=projects)
            | Q(pk__in=creators.values("created_by"))
            | self.was_used("pk", "user_id"),
            public_id__in=references,
        ).distinct()

    def find_accounts(self, references: Collection[str]) -> Any:
        """Returns service accounts that the reader may know, or whose keys the usage shows anyway."""
        used = self.was_used("api_keys", "api_key_id")
        accounts = ServiceAccount.objects.filter(project__organization=self.scope.organization)
        may_know = Q(project__in=self.find_projects())
        return accounts.filter(may_know | used, public_id__in=references).distinct()

    def find_projects(self) -> Collection[int] | QuerySet[Any]:
        """Returns the projects whose keys and people the reader may know."""
        project = self.scope.project
        if project and not project.is_default:
            return [project.pk]
        projects = find_named_projects(self.scope)
        return self.scope.organization.projects.values("pk") if projects is None else projects

    def was_used(self, field: str, column: str) -> Q:
        """Returns the condition that usage of any time names it, so that filters fit every period.

        Usage of before there were series is only found in the requested period until it has theirs.
        """
        series = self.scope.narrow(Series.objects.all())
        condition = Q(**{f"{field}__in": series.values(column)})
        if period := self.cleaned_data.get("period"):
            totals = self.scope.daily_totals(period)
            condition |= Q(**{f"{field}__in": totals.values(column)})
        return condition

    @property
    def period(self) -> Period:
        """The requested period, or this month if that is invalid."""
        period: Period | None = self.cleaned_data.get("period")
        return period or find_month(self.today)

    def read_parameters(self) -> dict[str, str]:
        """Returns each parameter as the URL has it, valid or not, or its default."""
        period = self.period
        defaults = {
            "start": period.start.isoformat(),
            "end": period.end.isoformat(),
            "measure": Measure.COST,
            "granularity": "",
            "group_by": Dimension.PRODUCT,
            "unit": "",
        }
        return {name: str(self.query.get(name) or value) for name, value in defaults.items()}

    def read_references(self, name: str) -> list[str]:
        """Returns the values of a filter as the URL has them, valid or not."""
        values = dict.fromkeys(self.query.getlist(name))
        return [value for value in values if value][:MAX_VALUES]

    def build_report(self, now: dt.datetime | None = None) -> Report:
        """Returns the report that a valid form describes, with `now` compared with the period before."""
        data = self.cleaned_data
        included, excluded = (
            {
                dimension: data[prefix + dimension.value]
                for dimension in self.all_dimensions
                if data[prefix + dimension.value]
            }
            for prefix in ("", EXCLUDE)
        )
        dimensions = {dimension.value: dimension for dimension in self.dimensions}
        return Report(
            scope=self.scope,
            period=data["period"],
            measure=Measure(data["measure"] or Measure.COST),
            step=Step(data["granularity"] or choose_step(data["period"])),
            group_by=dimensions[data["group_by"] or Dimension.PRODUCT.value],
            filter=ReportFilter(included, excluded),
            unit=data["unit"],
            comparison=PeriodComparison.of(data["period"], now) if now else None,
        )


def is_valid_reference(reference: str) -> bool:
    """Whether it can be looked up: PostgreSQL refuses NUL, and no reference is that long."""
    return "\x00" not in reference and len(reference) <= MAX_REFERENCE_LENGTH
