"""What the groups of a report are called: names looked up in bulk, and only those the reader may know.

In the Default Project lands usage of keys and people of other projects. Who may not open such a project
reads their ids there, as in the API, and not what they are called.
"""

from collections.abc import Collection
from typing import NamedTuple

from django.db.models import Q

from accounts.models import User
from keys.enums import KeyKind
from keys.models import ApiKey
from projects.models import Project
from usage.enums import Dimension
from usage.models import ModelName
from usage.reports.scope import Items, Scope

NO_KEY, NO_PERSON = "No API key", "Nobody"
NONE = "none"  # how an address says it


class Name(NamedTuple):
    """What something is called, how an address names it, and what else there is to say of it."""

    label: str
    reference: str
    note: str = ""


def names_of(
    scope: Scope, items: Items, dimension: Dimension, groups: Collection[int]
) -> dict[int, Name]:
    """The names of groups of that dimension."""
    if dimension == Dimension.PRODUCT:
        products = {one.product_id: one.product for one in items.all.values()}
        return {pk: Name(products[pk].name, products[pk].code) for pk in groups}
    if dimension == Dimension.LINE_ITEM:
        return {
            pk: Name(f"{items[pk].product.name} · {items[pk].name}", items[pk].code)
            for pk in groups
        }
    if dimension == Dimension.PROJECT:
        rows = Project.objects.filter(pk__in=groups)
        return {one.pk: Name(one.name, one.slug) for one in rows}
    if dimension == Dimension.API_KEY:
        return key_names(scope, groups)
    return people_names(scope, groups)


def key_names(scope: Scope, keys: Collection[int]) -> dict[int, Name]:
    found = {0: Name(NO_KEY, NONE)}
    projects = known_projects(scope)
    for one in ApiKey.objects.filter(pk__in=keys).select_related("project"):
        known = projects is None or one.project_id in projects
        if one.kind == KeyKind.DEFAULT:
            known = known and scope.knows_default_key
        elsewhere = "" if one.project == scope.project else one.project.name
        note = elsewhere if known else ""
        found[one.pk] = Name(one.name if known else one.public_id, one.public_id, note)
    return found


def people_names(scope: Scope, people: Collection[int]) -> dict[int, Name]:
    """Members know each other; an outsider is known to whoever may open a project they work in."""
    users = User.objects.filter(pk__in=people)
    known = users
    projects = known_projects(scope)
    if projects is not None:
        known = users.filter(
            Q(memberships__organization=scope.organization)
            | Q(collaborations__project__in=projects)
            | Q(created_keys__project__in=projects)
        )
    known_ids = None if projects is None else set(known.values_list("pk", flat=True))
    found = {0: Name(NO_PERSON, NONE)}
    for one in users:
        may_know = known_ids is None or one.pk in known_ids
        found[one.pk] = Name(one.name if may_know else one.public_id, one.public_id)
    return found


def known_projects(scope: Scope) -> set[int] | None:
    """Those whose keys and people the reader may know by name; None for all that can come up."""
    if scope.sees_all or scope.project is None or not scope.project.is_default:
        return None
    visible = Project.objects.visible_to(scope.viewer).filter(organization=scope.organization)
    return set(visible.values_list("pk", flat=True))


def model_names(models: Collection[int]) -> dict[int, str]:
    return dict(ModelName.objects.filter(pk__in=models).values_list("pk", "name"))
