"""The lines and groups of reports, and what totals are summed by for them."""

from typing import NamedTuple

from usage.amounts import Amounts
from usage.enums import Dimension
from usage.ids import KeyId, LineItemId, ModelId, ProjectId, UserId

# So many groups are shown in the chart on their own; the rest are added up as "Other", with a color that no
# group has.
COLORS = 8


class ItemKey(NamedTuple):
    """What totals are summed by, if the report is grouped by product, line item or model.

    The canonical model is None if the one that was sent is canonical.
    """

    line_item_id: LineItemId
    model_id: ModelId
    model__name: str
    model__canonical_id: ModelId | None
    model__canonical__name: str | None


class ProjectItemKey(NamedTuple):
    project_id: ProjectId
    line_item_id: LineItemId
    model_id: ModelId
    model__name: str
    model__canonical_id: ModelId | None
    model__canonical__name: str | None


class ApiKeyItemKey(NamedTuple):
    api_key_id: KeyId
    line_item_id: LineItemId
    model_id: ModelId
    model__name: str
    model__canonical_id: ModelId | None
    model__canonical__name: str | None


class CollaboratorItemKey(NamedTuple):
    user_id: UserId
    api_key_id: KeyId
    line_item_id: LineItemId
    model_id: ModelId
    model__name: str
    model__canonical_id: ModelId | None
    model__canonical__name: str | None


class TagItemKey(NamedTuple):
    tag_id: int
    line_item_id: LineItemId
    model_id: ModelId
    model__name: str
    model__canonical_id: ModelId | None
    model__canonical__name: str | None


LineKey = TagItemKey | ItemKey | ProjectItemKey | ApiKeyItemKey | CollaboratorItemKey


def find_model(key: LineKey) -> tuple[ModelId, str]:
    """Returns the id and name of the model that a sum belongs to, whatever name was sent."""
    if key.model__canonical_id is None:
        return key.model_id, key.model__name
    return key.model__canonical_id, key.model__canonical__name or ""


LINE_KEYS: dict[Dimension, type[LineKey]] = {
    Dimension.PRODUCT: ItemKey,
    Dimension.MODEL: ItemKey,
    Dimension.LINE_ITEM: ItemKey,
    Dimension.PROJECT: ProjectItemKey,
    Dimension.API_KEY: ApiKeyItemKey,
    Dimension.COLLABORATOR: CollaboratorItemKey,
}


class SeriesKey(NamedTuple):
    series: int


class ReportLine(NamedTuple):
    """A line of the table: what a group used of one line item and model, which has its canonical name.

    `group` is a primary key of the dimension that the report is grouped by.
    """

    group: int
    item: LineItemId
    model: ModelId
    model_name: str
    amounts: Amounts

    @property
    def place(self) -> "LinePlace":
        return self.group, self.item, self.model


# What makes a line: its group, line item and model.
LinePlace = tuple[int, LineItemId, ModelId]


class ReportGroup(NamedTuple):
    """A group with all its lines; `series` is its place in the bars, COLORS for one of the others."""

    key: int
    amount: int
    series: int
    lines: list[ReportLine]

    @property
    def color(self) -> int:
        """The color: of the thing itself, so that neither a filter nor a change of amounts changes it."""
        return COLORS if self.series == COLORS else abs(self.key) % COLORS
