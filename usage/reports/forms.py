"""Reads what a report is asked for from an address; what is wrong with it is said at its field."""

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
from usage.enums import Dimension, Granularity, Measure
from usage.reports.labels import NONE, known_projects
from usage.reports.periods import LONGEST, LONGEST_BY_HOUR, Period, month_of
from usage.reports.report import Report
from usage.reports.scope import NOBODY, Filter, Scope

EXCLUDE = "exclude_"
MOST_VALUES = 100
REFERENCE_LENGTH = 100


class DayField(forms.DateField):
    """A UTC date as 2026-11-30; empty is allowed."""

    default_error_messages = {
        "invalid": "%(label)s: write a day as YYYY-MM-DD, such as 2026-11-30."
    }

    def __init__(self, label: str) -> None:
        super().__init__(label=label, required=False, input_formats=["%Y-%m-%d"])
        self.error_messages["invalid"] %= {"label": label}


class SeveralField(forms.Field):
    """A parameter that may stand in the address several times."""

    widget = forms.MultipleHiddenInput

    def __init__(self, label: str) -> None:
        super().__init__(label=label, required=False)

    def clean(self, value: Any) -> list[str]:
        values = list(dict.fromkeys(one for one in value or () if one))
        if len(values) > MOST_VALUES:
            raise ValidationError(f"{self.label}: choose at most {MOST_VALUES}.")
        return values


def chosen(label: str, choices: Any) -> forms.ChoiceField:
    """One of a few words; empty is allowed."""
    words = ", ".join(value for value, _ in choices)
    return forms.ChoiceField(
        label=label,
        choices=choices,
        required=False,
        error_messages={"invalid_choice": f"{label}: choose one of {words}."},
    )


class ReportForm(forms.Form):
    """The filter of a report; what it does not say is the default: this month's cost by day and product."""

    start = DayField("Start")
    end = DayField("End")
    measure = chosen("Measure", Measure.choices)
    granularity = chosen("Granularity", Granularity.choices)
    unit = forms.CharField(label="Unit", required=False, max_length=20)
    format = chosen("Format", [("csv", "CSV"), ("records", "Records")])

    def __init__(self, data: QueryDict, *, scope: Scope, today: dt.date) -> None:
        super().__init__(data)
        self.address = data
        self.scope, self.today, self.items = scope, today, scope.items
        dimensions = [(one.value, one.label) for one in scope.dimensions]
        self.fields["group_by"] = chosen("Group by", dimensions)
        for one in Dimension:
            self.fields[one.value] = SeveralField(one.label)
            self.fields[EXCLUDE + one.value] = SeveralField(f"Without {one.label.lower()}")

    def clean(self) -> dict[str, Any]:
        """Adds the defaults, `period`, and each filter as primary keys."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors.keys() & {"start", "end"}:
            cleaned["period"] = self.clean_period(cleaned)
        unit = cleaned.get("unit")
        if unit and not self.items.with_unit(unit):
            self.add_error("unit", f"Unit: nothing is counted in {unit}.")
        for one in Dimension:
            for name in (one.value, EXCLUDE + one.value):
                cleaned[name] = self.resolved(name, one, cleaned.get(name) or [])
        return cleaned

    def clean_period(self, cleaned: dict[str, Any]) -> Period | None:
        start, end = cleaned["start"], cleaned["end"]
        end = end or month_of(self.today).end
        start = start or month_of(end).start
        period = Period(start, end)
        if end < start:
            self.add_error("end", "End: choose a day that is not before the start.")
        elif end.year == dt.MAXYEAR:  # weeks and months that begin there have no end
            self.add_error("end", "End: choose an earlier day.")
        elif period.days > LONGEST:
            self.add_error("end", f"End: choose a period of at most {LONGEST:,} days.")
        elif cleaned.get("granularity") == Granularity.HOUR and period.days > LONGEST_BY_HOUR:
            told = f"more than {LONGEST_BY_HOUR} days are shown by the day: choose Daily"
            self.add_error("granularity", f"Granularity: {told}, or a shorter period.")
        return period

    def resolved(self, name: str, dimension: Dimension, references: list[str]) -> list[int]:
        """The primary keys of what an address names; an error at the field for what is not there."""
        if not references:
            return []
        label = self.fields[name].label
        if dimension not in self.scope.dimensions:
            self.add_error(name, f"{label}: a project's usage is of this project alone.")
            return []
        known = self.known(dimension, [one for one in references if usable(one)])
        if missing := [one for one in references if one not in known]:
            shown = ", ".join(one[:REFERENCE_LENGTH] for one in missing[:3])
            self.add_error(name, f"{label}: there is no {shown}.")
        return [pk for one in references for pk in known.get(one, ())]

    def known(
        self, dimension: Dimension, references: Collection[str]
    ) -> dict[str, Collection[int]]:
        """What the references stand for, those that are of the organization."""
        found: dict[str, Collection[int]] = {}
        if dimension == Dimension.PRODUCT:
            for one in self.items.all.values():
                found[one.product.code] = [*found.get(one.product.code, ()), one.pk]
            return found
        if dimension == Dimension.LINE_ITEM:
            for one in self.items.all.values():
                found[one.code] = [*found.get(one.code, ()), one.pk]
            return found
        if dimension == Dimension.PROJECT:
            projects = self.scope.organization.projects.filter(slug__in=references)
            return {one.slug: [one.pk] for one in projects}
        if dimension == Dimension.API_KEY:
            rows = self.keys(references).values_list("public_id", "pk")
        else:
            rows = self.people(references).values_list("public_id", "pk")
        return {NONE: [NOBODY], **{reference: [pk] for reference, pk in rows}}

    def keys(self, references: Collection[str]) -> Any:
        """Those the reader may know of, and those that the usage shows anyway."""
        known = Q(project__in=self.projects())
        if not self.scope.knows_default_key:
            known &= Q(kind=KeyKind.PROJECT)
        return ApiKey.objects.in_organization(self.scope.organization).filter(
            known | Q(pk__in=self.used("api_key_id")), public_id__in=references
        )

    def people(self, references: Collection[str]) -> Any:
        """Of the organization now, or by what they made, used or collaborate in, likewise."""
        organization, projects = self.scope.organization, self.projects()
        made = Q(project__in=projects) | Q(pk__in=self.used("api_key_id"))
        makers = ApiKey.objects.in_organization(organization).filter(made).values("created_by")
        return User.objects.filter(
            Q(memberships__organization=organization)
            | Q(collaborations__project__in=projects)
            | Q(pk__in=makers)
            | Q(pk__in=self.used("user_id")),
            public_id__in=references,
        ).distinct()

    def projects(self) -> Collection[int] | QuerySet[Any]:
        """Those of which the reader may know what keys and people there are."""
        project = self.scope.project
        if project and not project.is_default:
            return [project.pk]
        known = known_projects(self.scope)
        return self.scope.organization.projects.values("pk") if known is None else known

    def used(self, column: str) -> Collection[int] | QuerySet[Any]:
        period = self.cleaned_data.get("period")
        return self.scope.days(period).values(column) if period else []

    @property
    def period(self) -> Period:
        """What is asked for, this month when that is not right."""
        found: Period | None = self.cleaned_data.get("period")
        return found or month_of(self.today)

    def asked(self) -> dict[str, str]:
        """What the address says of each parameter, right or wrong, or its default."""
        period = self.period
        defaults = {
            "start": period.start.isoformat(),
            "end": period.end.isoformat(),
            "measure": Measure.COST,
            "granularity": Granularity.DAY,
            "group_by": Dimension.PRODUCT,
            "unit": "",
        }
        return {name: str(self.address.get(name) or value) for name, value in defaults.items()}

    def references(self, name: str) -> list[str]:
        """What the address names in a filter, right or wrong."""
        return [one for one in dict.fromkeys(self.address.getlist(name)) if one][:MOST_VALUES]

    def report(self) -> Report:
        """What is asked for, once the form is valid."""
        data = self.cleaned_data
        included = {one: data[one.value] for one in Dimension if data[one.value]}
        excluded = {
            one: data[EXCLUDE + one.value] for one in Dimension if data[EXCLUDE + one.value]
        }
        return Report(
            self.scope,
            data["period"],
            Measure(data["measure"] or Measure.COST),
            Granularity(data["granularity"] or Granularity.DAY),
            Dimension(data["group_by"] or Dimension.PRODUCT),
            Filter(included, excluded),
            data["unit"],
        )


def usable(reference: str) -> bool:
    """Whether it can be looked up at all: PostgreSQL refuses NUL, and no reference is that long."""
    return "\x00" not in reference and len(reference) <= REFERENCE_LENGTH
