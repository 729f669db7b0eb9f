"""The models that a report is filtered by, with all names that are the same model."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import Case, Exists, OuterRef, Q, Value, When

from accounts.models import Organization
from usage.model_names import GROUP_KEY, find_group_keys, select_groups
from usage.models import ModelName, Price
from usage.reports.labels import NONE


def find_models(
    references: Collection[str], organization: Organization, was_used: Q
) -> dict[str, Collection[int]]:
    """Returns all names of the models that go by the same canonical one, by reference.

    Of models with a price that the organization may know, or that the usage shows anyway: `was_used`. Whether
    others have sent a name makes no difference: any that goes by such a model is found.
    """
    names = {reference: "" if reference == NONE else reference for reference in references}
    keys = find_group_keys({*names.values()})
    priced = Price.objects.visible_to(organization).filter(model=OuterRef("name"))
    may_know = Q(Exists(priced)) | Q(name="") | was_used
    is_visible = Case(When(may_know, then=Value(1)), default=Value(0))
    rows = ModelName.objects.filter(select_groups({*keys.values()}))
    rows = rows.annotate(key=GROUP_KEY, is_visible=is_visible)
    groups: dict[str, list[int]] = defaultdict(list)
    visible = set()
    for pk, key, may_be_named in rows.values_list("pk", "key", "is_visible"):
        groups[key].append(pk)
        visible |= {key} if may_be_named else set()
    return {
        reference: groups[keys[name]] for reference, name in names.items() if keys[name] in visible
    }
