"""Refuses files whose other columns say that their rows are not all what the mapping takes them for.

A long file has a row for each product, line item or unit. Mapped as if all rows were of one line item, its
GB-hours would be billed as tokens.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from usage.amounts import DECIMAL
from usage.imports.mapping import ColumnMapping
from usage.imports.readers import (
    BadRow,
    CsvTable,
    LineReader,
    UnusableFile,
    decode_object,
    read_object_lines,
)
from usage.models import LineItem

# Names of columns, in lowercase without other characters, by what their cells say of a row.
PRODUCT, LINE_ITEM, UNIT = "product", "line item", "unit"
DESCRIBING = {
    **dict.fromkeys(
        ("product", "productname", "productcode", "producttype", "service", "servicename"), PRODUCT
    ),
    **dict.fromkeys(
        (
            *("lineitem", "lineitemname", "lineitemtype", "meter", "metername", "metercategory"),
            *("metric", "metricname", "sku", "skuid", "skuname", "tokentype", "usagetype"),
        ),
        LINE_ITEM,
    ),
    **dict.fromkeys(
        (
            *("unit", "unitname", "unitofmeasure", "unitofmeasurement", "uom", "usageunit"),
            *("consumedunit", "pricingunit", "quantityunit"),
        ),
        UNIT,
    ),
}
SPLIT = "Import the rows of each {kind} from a file of their own"
REMOVE = "or remove the column if it says nothing about what was used"


def normalize(text: str) -> str:
    """Returns what spellings of one name have in common: `GB-hours`, `gb_hour` and `GB hour` are one."""
    words = re.findall(r"[^\W_]+", text.casefold())
    return "".join(words).removesuffix("s")


def find_kind(column: str) -> str | None:
    return DESCRIBING.get("".join(re.findall(r"[a-z0-9]+", column.casefold())))


@dataclass
class Describer:
    """Holds the cells of columns that are not mapped against the mapping and each other."""

    mapping: ColumnMapping
    # The names in the catalogue, by kind and normalized, and those that the mapping is about.
    names: dict[str, set[str]]
    expected: dict[str, set[str]]
    first_cells: dict[str, str] = field(default_factory=dict)

    def read_cell(self, column: str, kind: str, text: str) -> None:
        """Raises UnusableFile if the cell contradicts the mapping or an earlier cell of the column."""
        text = text.strip()
        if not text or (kind == UNIT and DECIMAL.fullmatch(text)):  # how many units
            return
        first = self.first_cells.setdefault(column, text)
        value = normalize(text)
        advice = f"{SPLIT.format(kind=kind)}, {REMOVE}"
        if value != normalize(first):
            raise UnusableFile(
                f"its column {column} has several values, such as {first[:40]} and {text[:40]}. {advice}"
            )
        if value in self.names[kind] and value not in self.expected[kind]:
            raise UnusableFile(
                f"its column {column} says {text[:40]}, but it is mapped to {self.describe(kind)}. {advice}"
            )

    def describe(self, kind: str) -> str:
        if kind == PRODUCT:
            return self.mapping.product
        items = [item.code if kind == LINE_ITEM else item.unit for item in self.mapping.items]
        return " and ".join(dict.fromkeys(items))


def build_describer(mapping: ColumnMapping) -> Describer:
    """Returns a describer with the names in the catalogue."""
    names: dict[str, set[str]] = {PRODUCT: set(), LINE_ITEM: set(), UNIT: set()}
    expected: dict[str, set[str]] = {PRODUCT: set(), LINE_ITEM: set(), UNIT: set()}
    mapped = {item.code for item in mapping.items}
    for item in LineItem.objects.select_related("product"):
        of_item = {
            PRODUCT: {item.product.code, item.product.name},
            LINE_ITEM: {item.code, item.name},
            UNIT: {item.unit},
        }
        is_mapped = item.product.code == mapping.product and item.code in mapped
        for kind, texts in of_item.items():
            values = set(map(normalize, texts))
            names[kind] |= values
            expected[kind] |= values if is_mapped else set()
    return Describer(mapping, names, expected)


def check_csv(lines: LineReader, delimiter: str, mapping: ColumnMapping) -> None:
    """Reads a CSV file to its end if it has columns that say what was used. Raises UnusableFile."""
    table = CsvTable(lines, delimiter)
    columns = find_columns(table.header, mapping)
    if not columns:
        return
    describer = build_describer(mapping)
    for row in table.read_rows([table.header.index(column) for column, _ in columns]):
        for (column, kind), text in zip(columns, row.values, strict=False):
            describer.read_cell(column, kind, text)


def check_json_lines(lines: LineReader, mapping: ColumnMapping) -> None:
    """Reads a file of JSON Lines to its end. Raises UnusableFile."""
    describer = build_describer(mapping)
    for members in read_objects(lines):
        for column, kind in find_columns(list(members), mapping):
            text = members[column]
            if isinstance(text, str):
                describer.read_cell(column, kind, text)


def read_objects(lines: LineReader) -> Iterator[dict[str, object]]:
    """Yields the objects of a file; other lines are rejected later."""
    for line in read_object_lines(lines):
        try:
            yield decode_object(line.text)
        except BadRow:
            continue


def find_columns(header: Sequence[str], mapping: ColumnMapping) -> list[tuple[str, str]]:
    """Returns the columns that say what was used and are not mapped, with what they say."""
    others = [column for column in dict.fromkeys(header) if column not in mapping.columns]
    kinds = ((column, find_kind(column)) for column in others)
    return [(column, kind) for column, kind in kinds if kind]
