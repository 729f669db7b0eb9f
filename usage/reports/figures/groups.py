"""Which sums belong to a group of a report, and which totals."""

from collections.abc import Collection, Mapping

from django.db.models import Q

from usage.enums import Dimension
from usage.ids import ProductId
from usage.reports.lines import (
    ApiKeyItemKey,
    CollaboratorItemKey,
    LineKey,
    ProjectItemKey,
    TagItemKey,
    find_model,
)
from usage.reports.scope import NO_ID, UsageScope, build_condition
from usage.reports.tags import AnyDimension


def find_group(key: LineKey, group_by: AnyDimension, scope: UsageScope) -> int:
    """Returns the group that a sum belongs to."""
    if isinstance(key, TagItemKey | ProjectItemKey | ApiKeyItemKey):
        return key[0]
    if isinstance(key, CollaboratorItemKey):
        return key.user_id or scope.key_creators.get(key.api_key_id, NO_ID)
    if group_by == Dimension.PRODUCT:
        return scope.items[key.line_item_id].product_id
    if group_by == Dimension.MODEL:
        return find_model(key)[0]
    return key.line_item_id


def build_group_condition(
    group_by: AnyDimension,
    scope: UsageScope,
    spellings: Mapping[int, Collection[int]],
    group: int,
) -> Q:
    """Returns the condition for totals that belong to a group.

    `spellings` has the models that were sent, by the canonical ones.
    """
    if group_by == Dimension.PRODUCT:
        product = ProductId(group)
        items = [pk for pk, item in scope.items.by_id.items() if item.product_id == product]
        return Q(line_item__in=items)
    if group_by == Dimension.MODEL:
        return Q(model__in=spellings[group])
    if group_by == Dimension.COLLABORATOR:
        keys = [key for key, creator in scope.key_creators.items() if creator == group]
        if group:
            return Q(user_id=group) | Q(user_id=NO_ID, api_key_id__in=keys)
        return Q(user_id=NO_ID) & ~Q(api_key_id__in=list(scope.key_creators))
    assert isinstance(group_by, Dimension)  # tags are looked up
    return build_condition(group_by, [group], scope.organization)
