"""The ids and names that results of costs and usage have instead of primary keys, read in bulk."""

from collections.abc import Collection, Iterable
from typing import Self

from django.db.models import Q

from accounts.models import User
from keys.models import ApiKey
from projects.models import Project, ServiceAccount
from usage.buckets.sums import BucketKey, Sums
from usage.model_names import find_spellings
from usage.reports.labels import fetch_model_names
from usage.reports.scope import NO_ID, LineItems

SEPARATOR = ", "


class Names:
    """The public ids and names by primary key; None for NO_ID."""

    def __init__(self, keys: Collection[BucketKey], items: LineItems) -> None:
        self.items = items
        self.projects = fetch_ids(Project, {key.project for key in keys})
        users = {key.user for key in keys}
        accounts = fetch_ids(ServiceAccount, {-user for user in users if user < NO_ID})
        self.users = fetch_ids(User, {user for user in users if user > NO_ID}) | {
            -pk: public_id for pk, public_id in accounts.items()
        }
        self.api_keys = fetch_ids(ApiKey, {key.api_key for key in keys})
        self.models = fetch_model_names({key.model for key in keys})

    @classmethod
    def of(cls, sums: Iterable[Sums], items: LineItems) -> Self:
        """Returns the names that these sums need."""
        return cls({key for bucket in sums for key in bucket}, items)

    def name_line_item(self, key: BucketKey) -> str:
        """Returns the product, model and line item, which programs can also filter by."""
        item = self.items[key.line_item]
        model = self.models.get(key.model, "")
        return SEPARATOR.join(filter(None, (item.product.code, model, item.code)))


def fetch_ids(
    kind: type[Project] | type[User] | type[ApiKey] | type[ServiceAccount], keys: Collection[int]
) -> dict[int, str]:
    """Returns the public ids of rows by primary key."""
    pks = [key for key in keys if key != NO_ID]
    if not pks:
        return {}
    rows = kind._default_manager.filter(pk__in=pks)
    return dict(rows.values_list("pk", "public_id"))


def build_line_item_condition(names: Iterable[str], items: LineItems) -> Q:
    """Returns the condition of line items with these names. Unknown names match nothing."""
    codes = {(item.product.code, item.code): item for item in items}
    models = []
    for name in names:
        product, _, rest = name.partition(SEPARATOR)
        model, _, code = rest.rpartition(SEPARATOR)
        if item := codes.get((product, code)):
            models.append((item, model))
    spellings = find_spellings({model for _, model in models})
    condition = Q(line_item__in=[])
    for item, model in models:
        condition |= Q(line_item=item, model__in=spellings[model])
    return condition
