"""Lists of the management API: one page of rows, and the cursors that lead to the next."""

import re
from collections.abc import Callable
from typing import Annotated, Generic, Literal, TypeVar

from django.core.exceptions import BadRequest, ValidationError
from django.db.models import Model, QuerySet
from msgspec import Meta

from accounts.web.api.errors import refuse_value
from accounts.web.api.payloads import Parameters, Payload, describe_limit
from accounts.web.pagination import Order, decode_position, encode_position

Item = TypeVar("Item")
Row = TypeVar("Row", bound=Model)
ID = re.compile(r"[a-z]+_[0-9A-Za-z]+")  # far shorter than a cursor
NO_CURSOR = "{} is the last_id of a page of this list, or the id of an object in it."


class ListParameters(Parameters, frozen=True):
    limit: Annotated[int, describe_limit(100, "objects")] = 20
    after: Annotated[
        str | None,
        Meta(description="The `last_id` of the page before, or the id of an object."),
    ] = None
    order: Annotated[Literal["asc", "desc"], Meta(description="By time of creation.")] = "desc"


class RangeParameters(ListParameters, frozen=True):
    before: Annotated[
        str | None,
        Meta(
            description="The `first_id` of the page after, or the id of an object: the page ends before it. "
            "With `after`, only objects between the two."
        ),
    ] = None


class ObjectList(Payload, Generic[Item], frozen=True, tag_field="object", tag="list"):
    """One page."""

    data: list[Item]
    first_id: str | None
    last_id: Annotated[str | None, Meta(description="Of the next page: send it as `after`.")]
    has_more: bool


def list_objects(
    rows: QuerySet[Row],
    query: ListParameters,
    make_item: Callable[[Row], Item],
    *,
    key: str = "created_at",
    lookup: QuerySet[Row] | None = None,
    id_field: str = "public_id",
) -> ObjectList[Item]:
    """Returns the page of `rows` that the query asks for; `key` is a field that is never null.

    `lookup` are the rows that `after` may name, by their `id_field`; by default the same.

    A cursor holds the position of a row and not the row, so that it outlives the row. Raises Refused with 422
    if `after` is neither a cursor nor the id of one of these rows.
    """
    order = Order(key, descending=query.order == "desc")
    following = rows
    if query.after is not None:
        named = (rows if lookup is None else lookup).filter(**{id_field: query.after})
        following = find_following(rows, named, query.after, order)
    fetched = list(order.apply(following)[: query.limit + 1])
    return make_list(fetched, query.limit, order, make_item)


def fetch_range(rows: QuerySet[Row], query: RangeParameters, order: Order) -> list[Row]:
    """Returns the rows of a page between `after` and `before`, and one more if there are more.

    With `before` alone they are those next to it, of which the first is the additional one. Raises Refused
    with 422 if one of the two is neither a cursor nor the id of one of these rows.
    """
    within, most = rows, query.limit + 1
    if query.after is not None:
        named = rows.filter(public_id=query.after)
        within = find_following(within, named, query.after, order)
    if query.before is None:
        return list(order.apply(within)[:most])
    named, opposite = rows.filter(public_id=query.before), order.opposite()
    within = find_following(within, named, query.before, opposite, param="before")
    if query.after is not None:
        return list(order.apply(within)[:most])
    return list(opposite.apply(within)[:most])[::-1]


def make_list(
    fetched: list[Row],
    limit: int,
    order: Order,
    make_item: Callable[[Row], Item],
    *,
    at_end: bool = False,
) -> ObjectList[Item]:
    """Returns the list of the rows fetched, of which one more than `limit` says that there are more.

    That is the last one, or the first one if the page is `at_end`.
    """
    page = fetched[-limit:] if at_end else fetched[:limit]
    return ObjectList(
        data=[make_item(row) for row in page],
        first_id=encode_position(page[0], order) if page else None,
        last_id=encode_position(page[-1], order) if page else None,
        has_more=len(fetched) > limit,
    )


def find_following(
    rows: QuerySet[Row],
    named: QuerySet[Row],
    after: str,
    order: Order,
    *,
    param: str = "after",
) -> QuerySet[Row]:
    """Returns the rows after a cursor, or after the row in `named`, which has `after` as its id.

    Raises Refused with 422 for `param` if `after` is neither.
    """
    try:
        return rows.filter(order.after(find_position(named, after, order)))
    # A cursor of another list can hold a value of another type.
    except (BadRequest, ValidationError, ValueError, OverflowError) as error:
        raise refuse_value(NO_CURSOR.format(param), param) from error


def find_position(named: QuerySet[Row], after: str, order: Order) -> tuple[str, int]:
    """Returns the position that a cursor holds, or that of the row in `named`."""
    row = named.first() if ID.fullmatch(after) else None
    return decode_position(encode_position(row, order) if row else after)
