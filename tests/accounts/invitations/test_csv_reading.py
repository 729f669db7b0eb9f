"""CSV as Excel, Google Sheets and LibreOffice write it, and files that are none."""

import codecs

import pytest

from accounts.invitations.csv_reading import MAX_ROWS, InvalidCsvError, decode_csv, parse_csv
from accounts.invitations.people_files import PEOPLE_AT_ONCE, format_people, parse_people

COLUMNS = ("email", "name", "role")
TEXT = "email,name,role\nmaya@example.com,Maya Øberg,admin\nli@example.com,Li,\n"
SEMICOLONS = TEXT.replace(",", ";").replace("\n", "\r\n")
TABS = TEXT.replace(",", "\t").replace("\n", "\r\n")


def read(content: bytes) -> list[tuple[int, str, str, str]]:
    table = parse_people(decode_csv(content), COLUMNS)
    return [(p.line, p.email, p.get("name"), p.get("role")) for p in table.people]


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.replace("\n", "\r\n").encode("utf-8-sig"),
        TEXT.replace("\n", "\r").encode(),
        SEMICOLONS.encode("utf-8-sig"),
        SEMICOLONS.encode("cp1252"),
        TABS.encode("utf-16"),
        codecs.BOM_UTF16_BE + TABS.encode("utf-16-be"),
        TABS.encode("utf-16-le"),
        TABS.encode("utf-16-be"),
    ],
    ids=[
        "plain",
        "bom",
        "cr",
        "semicolons",
        "ansi",
        "utf-16",
        "utf-16-be",
        "no-mark",
        "no-mark-be",
    ],
)
def test_every_kind_of_csv_is_read(content: bytes) -> None:
    assert read(content) == [
        (2, "maya@example.com", "Maya Øberg", "admin"),
        (3, "li@example.com", "Li", ""),
    ]


def test_the_line_of_excel_about_separators_and_blank_rows_are_skipped() -> None:
    text = "sep=;\r\nE-Mail Address [Required];Full Name\r\n;\r\n MAYA@Example.com ;Maya\r\n\r\n"
    assert read(text.encode()) == [(4, "maya@example.com", "Maya", "")]


def test_quoted_cells_may_have_separators_and_line_breaks() -> None:
    text = 'name,email\n"Okafor,\nMaya ""M""","Maya <maya@example.com>"\nLi,li@example.com\n'
    assert read(text.encode()) == [
        (2, "maya@example.com", 'Okafor, Maya "M"', ""),
        (4, "li@example.com", "Li", ""),
    ]


def test_a_list_of_addresses_needs_no_heading() -> None:
    assert [row[1] for row in read(b"a@x.example\n\nb@x.example\nnobody\n")] == [
        *("a@x.example", "b@x.example", "nobody"),
    ]


def test_columns_that_mean_nothing_are_ignored_and_short_rows_are_filled() -> None:
    table = parse_people("Phone,Email,Role\n1,a@x.example\n2,b@x.example,admin,more\n", COLUMNS)
    assert table.ignored == ["Phone"]
    assert [(p.email, p.get("role")) for p in table.people] == [
        ("a@x.example", ""),
        ("b@x.example", "admin"),
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "There are no rows"),
        (b" \n;;\n", "There are no rows"),
        (b"PK\x03\x04 and more", "save or download it as CSV"),
        (b"\xd0\xcf\x11\xe0 and more", "save or download it as CSV"),
        (b"\x00\x01\x02\x03\xff", "not a CSV file"),
        (codecs.BOM_UTF8 + b"\xff\xfe\xfd", "not a CSV file"),
        (b"email,name\n", "no people below the first line"),
        (b"Maya,maya@example.com\n", "one of them has to be “email”"),
        (b"name,role\nMaya,admin\n", "one of them has to be “email”"),
        (b"email,e-mail\na@x.example,b@x.example\n", "Two columns are called “email”"),
        (b'email,name\na@x.example,"Maya\nb@x.example,Li\n', "Line 2 can't be read"),
        (b'email,name\na@x.example,"Maya" Okafor\n', "Line 2 can't be read"),
        (b"email\n" + b"a@x.example\n" * (PEOPLE_AT_ONCE + 1), "at most 200 at once"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(content: bytes, reason: str) -> None:
    with pytest.raises(InvalidCsvError, match=reason):
        read(content)


def test_people_are_written_so_that_they_are_read_again() -> None:
    text = 'email,name\na@x.example,"Okafor, ""M"""\n=cmd@x.example,Li\n'
    people = parse_people(text, COLUMNS).people
    assert format_people(people) == text
    assert format_people([]) == "email\n"


def test_rows_keep_the_number_of_their_first_line() -> None:
    assert [row.line for row in parse_csv('a\n"b\nc"\n\nd')] == [1, 2, 5]


def test_a_heading_of_brackets_is_refused_at_once() -> None:
    with pytest.raises(InvalidCsvError, match="has to name the columns"):
        parse_people(f"{'[' * 131_000},mail?\na,b\n", ("email",))
    assert parse_people("E-Mail [required],(b)\na@x.example,\n", ("email",)).people


def test_a_long_file_is_not_read_to_its_end() -> None:
    # The quotation mark would be refused if it were read.
    for line in ("maya@example.com\n", "\n"):
        with pytest.raises(InvalidCsvError, match=r"more than 2,000 lines\. Split"):
            parse_csv("email\n" + line * MAX_ROWS + '"')
    assert len(parse_csv("email\n" + "maya@example.com\n" * (MAX_ROWS - 1))) == MAX_ROWS
