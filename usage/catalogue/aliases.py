"""Aliases of models in Django admin: their forms, what staff confirm, and their actions."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse

from accounts.actors import Actor
from accounts.forms import ActionForm, CreatingForm
from accounts.support.admin_actions import (
    Review,
    StaffAction,
    call_creating_service,
    call_service,
)
from usage.catalogue.forms import PLAIN
from usage.catalogue.services.aliases import (
    ADD_ALIAS,
    CHANGE_ALIAS,
    DELETE_ALIAS,
    change_alias,
    create_alias,
    delete_alias,
)
from usage.model_names import WILDCARD, AliasRules, CanonicalNames
from usage.models import ModelAlias, ModelName
from usage.models.catalogue import MODEL_LENGTH

MAX_LISTED = 20
REST = "what * stands for"
PATTERN = re.compile(r"\A(\*[!-)+-~]+|[!-)+-~]+\*?)\Z")
KEEPS_RECORDS = "Recorded usage keeps its name and its price, and no total changes."
NEXT_EVENT = "From the next event on, a name without a price of its own takes that of the model it counts as."
REPORTS = "Reports of customers show them as one model immediately, for past usage too."


class AliasForm(ActionForm):
    """What an alias covers and what that counts as."""

    pattern = forms.CharField(
        label="Name",
        max_length=MODEL_LENGTH,
        widget=PLAIN,
        validators=[
            RegexValidator(
                PATTERN,
                "Enter printable ASCII characters without spaces, with * at one end at most.",
            )
        ],
        help_text="As in events, whatever its case, such as gpt-4o-2024-08-06. With a * at one end "
        "it covers all names that begin or end so: together_ai/* or *-instruct.",
    )
    target = forms.CharField(
        label="Counts as",
        required=False,
        max_length=MODEL_LENGTH,
        widget=PLAIN,
        validators=[
            RegexValidator(
                r"\A[!-)+-~]*\Z", "Enter printable ASCII characters without spaces and *."
            )
        ],
        help_text="The other model. Leave it empty for what * stands for.",
    )

    def clean_target(self) -> str:
        target: str = self.cleaned_data["target"]
        if not target and WILDCARD not in self.cleaned_data.get("pattern", WILDCARD):
            raise ValidationError("Enter the model that this name counts as.")
        return target


class NewAliasForm(CreatingForm, AliasForm):
    field_order = ("pattern", "target")


def preview_alias(alias: ModelAlias | None, *, pattern: str, target: str) -> Review:
    changes = [
        ("Name", alias.pattern if alias else "", pattern),
        ("Counts as", (alias.target or REST) if alias else "", target or REST),
    ]
    return Review(changes, [*describe_names(alias, (pattern, target)), *WHAT_STAYS])


WHAT_STAYS = (REPORTS, NEXT_EVENT, KEEPS_RECORDS)


def describe_names(before: ModelAlias | None, after: tuple[str, str] | None) -> list[str]:
    """Returns sentences about the names that an alias changes, as it would be afterwards (None: removed)."""
    changed = list_changed_names(before, after)
    if not changed:
        return ["No name that has been sent so far counts as another model than before."]
    sentences = [f"{name} counts as {canonical}." for name, canonical in changed[:MAX_LISTED]]
    more = len(changed) - MAX_LISTED
    return [*sentences, f"{more:,} more names change."] if more > 0 else sentences


def list_changed_names(
    before: ModelAlias | None, after: tuple[str, str] | None
) -> list[tuple[str, str]]:
    """Returns the names that have been sent and would go by another canonical one, with that."""
    others = ModelAlias.objects.exclude(pk__in=[before.pk] if before else [])
    aliases = [*others.values_list("pattern", "target"), *([after] if after else [])]
    rows = ModelName.objects.annotate(now=Coalesce("canonical__name", "name")).order_by("name")
    names = dict(rows.values_list("name", "now"))
    canonical = CanonicalNames.predict(names, AliasRules(aliases))
    return [
        (name, canonical.find(name)) for name, now in names.items() if canonical.find(name) != now
    ]


def describe_alias(alias: ModelAlias) -> list[tuple[str, object]]:
    return [("Name", alias.pattern), ("Counts as", alias.target or REST)]


def describe_removal(alias: ModelAlias) -> list[tuple[str, object]]:
    effects = [*describe_names(alias, None), *WHAT_STAYS]
    return [*describe_alias(alias), ("What happens", " ".join(effects))]


def perform_removal(request: HttpRequest, alias: ModelAlias) -> str:
    delete_alias(actor=Actor.of(request), alias=alias)
    return reverse("admin:usage_modelalias_changelist")


def build_alias_form(data: Any, alias: ModelAlias) -> AliasForm:
    return AliasForm(data, initial={"pattern": alias.pattern, "target": alias.target})


ADD_AN_ALIAS = StaffAction(
    name="create",
    title="Add model alias",
    button="Add alias",
    form=lambda data, _: NewAliasForm(data),
    facts=lambda _: [],
    review=preview_alias,
    perform=call_creating_service(create_alias),
    done="Alias added.",
    permission=ADD_ALIAS,
)
CHANGE_AN_ALIAS = StaffAction(
    name="edit",
    title="Change model alias",
    button="Change alias",
    form=build_alias_form,
    facts=describe_alias,
    review=preview_alias,
    perform=call_service(change_alias, "alias"),
    done="Changed.",
    permission=CHANGE_ALIAS,
)
REMOVE_AN_ALIAS = StaffAction(
    name="remove",
    title="Remove model alias",
    button="Remove alias",
    form=lambda data, alias: ActionForm(data),
    facts=describe_removal,
    perform=perform_removal,
    done="Alias removed.",
    permission=DELETE_ALIAS,
)
