"""The labels of a report's groups: names looked up in bulk, if the reader may know them.

Usage of keys and people of other projects can be billed to the Default Project. Readers who may not open
such a project get ids instead of names, as in the API.
"""

from collections.abc import Collection
from typing import NamedTuple

from django.db.models import Q

from accounts.models import User
from keys.enums import KeyKind
from keys.models import ApiKey
from projects.models import Project, ServiceAccount
from usage.enums import Dimension
from usage.ids import LineItemId, ModelId
from usage.models import ModelName
from usage.reports.scope import NO_ID, UsageScope
from usage.reports.tags import AnyDimension, TagDimension

NO_KEY, NO_PERSON, NO_MODEL, NO_VALUE = "No API key", "No user", "No model", "No value"
NONE = "none"  # in URLs
SERVICE_ACCOUNT = "Service account"


class Label(NamedTuple):
    """The text for a group, the value that stands for it in URLs, and a note."""

    text: str
    reference: str
    note: str = ""


def fetch_labels(
    scope: UsageScope, dimension: AnyDimension, groups: Collection[int]
) -> dict[int, Label]:
    """Returns the labels of groups of a dimension by their primary keys."""
    items = scope.items
    if isinstance(dimension, TagDimension):
        return fetch_tag_labels(scope, dimension, groups)
    if dimension == Dimension.PRODUCT:
        products = {item.product_id: item.product for item in items}
        return {pk: Label(products[pk].name, products[pk].code) for pk in groups}
    if dimension == Dimension.LINE_ITEM:
        group_items = {pk: items[LineItemId(pk)] for pk in groups}
        return {
            pk: Label(f"{item.product.name} · {item.name}", item.code)
            for pk, item in group_items.items()
        }
    if dimension == Dimension.MODEL:
        names = fetch_model_names({ModelId(pk) for pk in groups})
        return {pk: label_model(name) for pk, name in names.items()}
    if dimension == Dimension.PROJECT:
        projects = Project.objects.filter(pk__in=groups)
        return {project.pk: Label(project.name, project.slug) for project in projects}
    fetch = fetch_key_labels if dimension == Dimension.API_KEY else fetch_user_labels
    return fetch(scope, groups)


def fetch_tag_labels(
    scope: UsageScope, dimension: TagDimension, tags: Collection[int]
) -> dict[int, Label]:
    rows = dimension.find_tags(scope.organization).filter(pk__in=tags)
    return {NO_ID: Label(NO_VALUE, NONE)} | {tag.pk: Label(tag.value, tag.value) for tag in rows}


def label_model(name: str) -> Label:
    return Label(name or NO_MODEL, name or NONE)


def fetch_key_labels(scope: UsageScope, keys: Collection[int]) -> dict[int, Label]:
    labels = {NO_ID: Label(NO_KEY, NONE)}
    projects = find_named_projects(scope)
    for key in ApiKey.objects.filter(pk__in=keys).select_related("project"):
        may_know = projects is None or key.project_id in projects
        if key.kind == KeyKind.DEFAULT:
            may_know = may_know and scope.knows_default_key
        if may_know:
            note = "" if key.project == scope.project else key.project.name
            labels[key.pk] = Label(key.name, key.public_id, note)
        else:
            labels[key.pk] = Label(key.public_id, key.public_id)
    return labels


def fetch_user_labels(scope: UsageScope, users: Collection[int]) -> dict[int, Label]:
    """Labels users. Members know each other; externals are known to those who can open their projects."""
    rows = User.objects.filter(pk__in=users)
    visible_ids = None
    projects = find_named_projects(scope)
    if projects is not None:
        visible = rows.filter(
            Q(memberships__organization=scope.organization)
            | Q(collaborations__project__in=projects)
            | Q(created_keys__project__in=projects)
        )
        visible_ids = set(visible.values_list("pk", flat=True))
    labels = {NO_ID: Label(NO_PERSON, NONE)}
    for user in rows:
        may_know = visible_ids is None or user.pk in visible_ids
        labels[user.pk] = Label(user.name if may_know else user.public_id, user.public_id)
    return labels | fetch_account_labels(projects, [-pk for pk in users if pk < NO_ID])


def fetch_account_labels(projects: set[int] | None, accounts: Collection[int]) -> dict[int, Label]:
    """Labels service accounts, whose groups are the negative of their primary keys."""
    labels = {}
    for account in ServiceAccount.objects.filter(pk__in=accounts) if accounts else ():
        may_know = projects is None or account.project_id in projects
        name = account.name if may_know else account.public_id
        labels[-account.pk] = Label(name, account.public_id, SERVICE_ACCOUNT)
    return labels


def find_named_projects(scope: UsageScope) -> set[int] | None:
    """Returns the projects whose keys and people the reader may know by name, None for all of them."""
    if scope.project is None or not scope.project.is_default or scope.tagged_projects is None:
        return None
    return set(scope.tagged_projects)


def fetch_model_names(models: Collection[ModelId]) -> dict[ModelId, str]:
    rows = ModelName.objects.filter(pk__in=models).values_list("pk", "name")
    return {ModelId(pk): name for pk, name in rows}
