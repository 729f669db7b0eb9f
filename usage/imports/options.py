"""Turns the options of an import into values; each error names its option."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

from accounts.models import Organization
from usage.imports.contradictions import check_csv, check_json_lines
from usage.imports.mapping import ColumnMapping, ItemColumn, is_model_name
from usage.imports.readers import (
    PACKED,
    PACKED_SUFFIXES,
    FileRow,
    LineReader,
    UnusableFile,
    read_csv,
    read_json_lines,
)
from usage.imports.rejects import RejectFile, WriteLine
from usage.imports.services import ImportTarget
from usage.models import Product

TIMESTAMP, MODEL = "timestamp", "model"
JSON_LINES = (".jsonl", ".ndjson", ".json")
DELIMITED = {".csv": None, ".tsv": "\t"}


class BadOption(ValueError):
    """An option is invalid; the message names it and says what to pass."""


def find_target(options: dict[str, Any]) -> ImportTarget:
    slug, project_slug = options["organization"], options["project"]
    organization = Organization.objects.filter(slug=slug).first()
    if organization is None:
        raise BadOption(f"--organization: there is no organization {slug}.")
    if project_slug is None:
        return ImportTarget(organization)
    project = organization.projects.filter(slugs__slug=project_slug).first()
    if project is None:
        raise BadOption(f"--project: {slug} has no project {project_slug}.")
    return ImportTarget(organization, project)


def build_mapping(options: dict[str, Any]) -> ColumnMapping:
    """Returns what the columns mean, from --product, --map, --model and --timezone."""
    product = Product.objects.with_line_items().filter(code=options["product"]).first()
    if product is None:
        codes = ", ".join(Product.objects.values_list("code", flat=True))
        raise BadOption(
            f"--product: there is no product {options['product']}. Choose one of {codes}."
        )
    columns = parse_columns(options["map"])
    if TIMESTAMP not in columns:
        raise BadOption("--map: name the column with the time: --map timestamp=COLUMN.")
    time_column, model_column = columns.pop(TIMESTAMP), columns.pop(MODEL, "")
    units = {item.code: item.unit for item in product.line_items.all()}
    for code in columns:
        if code not in units:
            raise BadOption(
                f"--map: {product.code} has no line item {code}. It has {', '.join(units)}."
            )
    if not columns:
        raise BadOption(f"--map: name the columns that count {' or '.join(units)}.")
    return ColumnMapping(
        product=product.code,
        items=[ItemColumn(code, units[code], column) for code, column in columns.items()],
        empty_as_zero=options["empty_as_zero"],
        time_column=time_column,
        zone=find_zone(options["timezone"]),
        model=check_model(options["model"], model_column),
        model_column=model_column,
    )


def parse_columns(pairs: list[str]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for pair in pairs:
        name, equals, column = (part.strip() for part in pair.partition("="))
        if not (name and equals and column):
            raise BadOption(f"--map: {pair} is not WHAT=COLUMN, such as timestamp=TIMESTAMP.")
        if name in columns:
            raise BadOption(f"--map: {name} is mapped twice.")
        if column in columns.values():
            raise BadOption(f"--map: the column {column} is mapped twice.")
        columns[name] = column
    return columns


def check_model(model: str | None, column: str) -> str:
    if model and column:
        raise BadOption("--model: it applies to all rows. Omit it, or omit --map model=COLUMN.")
    if model and not is_model_name(model):
        raise BadOption("--model: pass at most 100 printable ASCII characters without spaces.")
    return model or ""


def find_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise BadOption(
            f"--timezone: there is no time zone {name}. Pass one such as Europe/Berlin."
        ) from error


def read_rows(
    options: dict[str, Any], path: Path, lines: LineReader, mapping: ColumnMapping
) -> Iterator[FileRow]:
    """Yields the rows of a CSV or JSON Lines file. Raises UnusableFile."""
    if is_json(options, path):
        return read_json_lines(lines, mapping.columns)
    return read_csv(lines, mapping.columns, choose_delimiter(options["delimiter"], path))


def check_rows(
    options: dict[str, Any], path: Path, lines: LineReader, mapping: ColumnMapping
) -> None:
    """Raises UnusableFile if other columns of the file say that its rows are not what `mapping` says."""
    if is_json(options, path):
        check_json_lines(lines, mapping)
    else:
        check_csv(lines, choose_delimiter(options["delimiter"], path), mapping)


def is_json(options: dict[str, Any], path: Path) -> bool:
    """Whether the file is JSON Lines and not CSV. Raises BadOption if nothing says which."""
    suffix, file_format = path.suffix.lower(), options["format"]
    if file_format is None and suffix in PACKED_SUFFIXES:
        raise UnusableFile(PACKED[PACKED_SUFFIXES[suffix]])
    if file_format is None and suffix not in {*JSON_LINES, *DELIMITED}:
        raise BadOption(f"--format: the name {path.name} does not imply it. Pass csv or jsonl.")
    return file_format == "jsonl" or (file_format is None and suffix in JSON_LINES)


def choose_delimiter(delimiter: str | None, path: Path) -> str:
    delimiter = delimiter or DELIMITED.get(path.suffix.lower()) or ","
    if delimiter == "tab":
        return "\t"
    if not re.fullmatch(r"[,;|\t]", delimiter):
        raise BadOption("--delimiter: pass a comma, a semicolon, a vertical bar (|) or tab.")
    return delimiter


def open_file(path: Path) -> IO[bytes]:
    """Opens a file that can be read twice: what comes through a pipe is copied first."""
    try:
        file = path.open("rb")
        if file.seekable():
            return file
        with file:
            copy = tempfile.TemporaryFile()  # noqa: SIM115  (the caller closes it)
            shutil.copyfileobj(file, copy)
            copy.seek(0)
            return copy
    except (OSError, ValueError) as error:
        raise BadOption(f"{path}: {getattr(error, 'strerror', error)}.") from error


def measure_file(path: Path) -> int:
    """Returns the size in bytes; 0 if it is not a regular file."""
    return path.stat().st_size if path.is_file() else 0


def open_rejects(options: dict[str, Any], path: Path, write_line: WriteLine) -> RejectFile:
    """Opens the file for rejected rows. A dry run only prints them."""
    if options["dry_run"]:
        return RejectFile(None, write_line)
    rejects = Path(options["rejects"] or f"{path}.rejects.csv")
    try:
        return RejectFile(rejects, write_line)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BadOption(f"--rejects: {rejects}: {reason}.") from error
