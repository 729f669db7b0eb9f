"""What the options of an import say, each checked; what is wrong is said with the option's name."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

from accounts.models import Organization
from usage.imports.mapping import Counted, Plan, is_model
from usage.imports.readers import Lines, Row, csv_rows, json_rows
from usage.imports.rejects import Rejects, Says
from usage.imports.services import Target
from usage.models import Product

TIMESTAMP, MODEL = "timestamp", "model"
JSON_LINES = (".jsonl", ".ndjson", ".json")
DELIMITED = {".csv": None, ".tsv": "\t"}


class Wrong(ValueError):
    """A sentence that names the option and what to give."""


def target_of(options: dict[str, Any]) -> Target:
    slug, wanted = options["organization"], options["project"]
    organization = Organization.objects.filter(slug=slug).first()
    if organization is None:
        raise Wrong(f"--organization: there is no organization {slug}.")
    if wanted is None:
        return Target(organization)
    project = organization.projects.filter(slug=wanted).first()
    if project is None:
        raise Wrong(f"--project: {slug} has no project {wanted}.")
    return Target(organization, project)


def plan_of(options: dict[str, Any]) -> Plan:
    """What the columns mean, from --product, --map, --model and --timezone."""
    product = Product.objects.with_line_items().filter(code=options["product"]).first()
    if product is None:
        codes = ", ".join(Product.objects.values_list("code", flat=True))
        raise Wrong(f"--product: there is no {options['product']}. There are {codes}.")
    columns = columns_of(options["map"])
    if TIMESTAMP not in columns:
        raise Wrong("--map: say which column has the time: --map timestamp=COLUMN.")
    time_column, model_column = columns.pop(TIMESTAMP), columns.pop(MODEL, "")
    units = {item.code: item.unit for item in product.line_items.all()}
    for code in columns:
        if code not in units:
            raise Wrong(f"--map: {product.code} has no {code}. It has {', '.join(units)}.")
    if not columns:
        raise Wrong(f"--map: say which columns count {' or '.join(units)}.")
    return Plan(
        product.code,
        [Counted(code, units[code], column) for code, column in columns.items()],
        time_column,
        zone_of(options["timezone"]),
        model_of(options["model"], model_column),
        model_column,
    )


def columns_of(pairs: list[str]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for pair in pairs:
        name, equals, column = (part.strip() for part in pair.partition("="))
        if not (name and equals and column):
            raise Wrong(f"--map: {pair} is not WHAT=COLUMN, such as timestamp=TIMESTAMP.")
        if name in columns:
            raise Wrong(f"--map: {name} is mapped twice.")
        if column in columns.values():
            raise Wrong(f"--map: the column {column} is mapped twice.")
        columns[name] = column
    return columns


def model_of(model: str | None, column: str) -> str:
    if model and column:
        raise Wrong("--model: it holds for all rows; leave it out beside --map model=COLUMN.")
    if model and not is_model(model):
        raise Wrong("--model: a name has at most 100 printable ASCII characters without blanks.")
    return model or ""


def zone_of(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise Wrong(
            f"--timezone: there is no zone {name}; give one such as Europe/Berlin."
        ) from error


def rows_of(options: dict[str, Any], path: Path, lines: Lines, plan: Plan) -> Iterator[Row]:
    """The rows of the file, as its form is; FileUnusable."""
    suffix, form = path.suffix.lower(), options["format"]
    if form is None and suffix not in {*JSON_LINES, *DELIMITED}:
        raise Wrong(f"--format: the name {path.name} does not say it; give csv or jsonl.")
    if form == "jsonl" or (form is None and suffix in JSON_LINES):
        return json_rows(lines, plan.columns)
    return csv_rows(lines, plan.columns, delimiter_of(options["delimiter"], suffix))


def delimiter_of(given: str | None, suffix: str) -> str:
    delimiter = given or DELIMITED.get(suffix) or ","
    if delimiter == "tab":
        return "\t"
    if not re.fullmatch(r"[,;|\t]", delimiter):
        raise Wrong("--delimiter: give a comma, a semicolon, a bar (|) or tab.")
    return delimiter


def opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except (OSError, ValueError) as error:
        raise Wrong(f"{path}: {getattr(error, 'strerror', error)}.") from error


def size_of(path: Path) -> int:
    """In bytes; 0 when it is no plain file."""
    return path.stat().st_size if path.is_file() else 0


def opened_rejects(options: dict[str, Any], path: Path, say: Says) -> Rejects:
    """Where rejected rows go: a dry run only says them."""
    if options["dry_run"]:
        return Rejects(None, say)
    rejects = Path(options["rejects"] or f"{path}.rejects.csv")
    try:
        return Rejects(rejects, say)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise Wrong(f"--rejects: {rejects}: {why}.") from error
