"""Takes apart bodies that cannot be read as a whole, so that an unreadable record costs only itself."""

import json
import re
from typing import Any, NamedTuple

from accounts.web.api.strict_json import NotJsonError, decode_json, find_repeated, refuse_constant
from usage.ingest.events import LARGEST_BATCH, Rejection
from usage.models.record import EVENT_ID_LENGTH

# Strings as a whole, so that what they contain is not taken for a bracket.
TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|["\[\]{},]', re.DOTALL)
QUOTE, COMMA = ord('"'), ord(",")
UNCLOSED_STRING = b'"'
OPENING = b"[{"
UNREADABLE = (
    "Send valid Unicode text, without lone surrogates, unescaped control characters or bytes that are not "
    "UTF-8."
)
SURROGATES = re.compile("[\ud800-\udfff]")
# With what stands for bytes that are not UTF-8, then also with control characters.
UNREADABLE_CHARACTER = re.compile("[\ud800-\udfff\ufffd]")
NOT_TEXT = re.compile("[\ud800-\udfff\ufffd\x00-\x1f]")
TOO_DEEP = Rejection("invalid", None, "The record is nested too deeply.")


class SplitBody(NamedTuple):
    """The records of a body as they were sent, and the body with an empty list in their place.

    If there are more than a body may have, only the first `LARGEST_BATCH + 1`, and no frame.
    """

    records: list[bytes]
    frame: bytes


class BodySplitter:
    """Finds the list `name` in the outermost object of a body, and where each of its records ends."""

    def __init__(self, body: bytes, name: str) -> None:
        self.body, self.name = body, f'"{name}"'.encode()
        self.depth = 0
        self.member = b""
        self.member_end = 0  # where the last string in the outermost object ends
        self.records: list[bytes] = []
        self.start: int | None = None  # of the list, behind its bracket
        self.end: int | None = None
        self.record_start = 0

    def split(self) -> SplitBody | None:
        """Returns the parts, or None if there is no such list or brackets are not closed."""
        for token in TOKEN.finditer(self.body):
            character = self.body[token.start()]
            if self.depth < 0 or token[0] == UNCLOSED_STRING:
                return None
            if character == QUOTE:
                self.read_string(token)
            elif character == COMMA:
                self.read_comma(token.start())
            elif character in OPENING:
                self.open_bracket(token)
            else:
                self.close_bracket(token.start())
            if self.has_too_many:
                return SplitBody(self.records, b"")
        if self.depth or self.start is None or self.end is None:
            return None
        return SplitBody(self.records, self.body[: self.start] + self.body[self.end :])

    def read_string(self, token: re.Match[bytes]) -> None:
        if self.depth == 1:
            self.member, self.member_end = token[0], token.end()

    def read_comma(self, position: int) -> None:
        if self.is_inside and self.depth == 2:
            self.take_record(position)

    def open_bracket(self, token: re.Match[bytes]) -> None:
        if self.depth == 1:
            if self.start is None and token[0] == b"[" and self.is_value_of_name(token.start()):
                self.start = self.record_start = token.end()
            self.member = b""  # so that what is behind it is read once, not again for each bracket
        self.depth += 1

    def is_value_of_name(self, position: int) -> bool:
        return self.member == self.name and self.body[self.member_end : position].strip() == b":"

    def close_bracket(self, position: int) -> None:
        self.depth -= 1
        if self.is_inside and self.depth == 1:
            if self.records or self.body[self.record_start : position].strip():
                self.take_record(position)
            self.end = position

    @property
    def is_inside(self) -> bool:
        return self.start is not None and self.end is None

    @property
    def has_too_many(self) -> bool:
        return len(self.records) > LARGEST_BATCH

    def take_record(self, end: int) -> None:
        self.records.append(self.body[self.record_start : end])
        self.record_start = end + 1


def split_body(body: bytes, name: str) -> SplitBody | None:
    """Returns the parts of a body whose frame is JSON, or None if there is no list `name`.

    Raises NotJsonError if what surrounds the records is not JSON, unless they are too many anyway.
    """
    parts = BodySplitter(body, name).split()
    if parts and len(parts.records) > LARGEST_BATCH:
        return parts
    if parts is None or not isinstance(decode_json(parts.frame), dict):
        return None
    return parts


class Examination(NamedTuple):
    """The id of a record that is not valid, if it has one, and what is wrong with its text."""

    id: str | None
    rejection: Rejection | None


class RecordExaminer:
    """Finds out what is wrong with the text of a record, as opposed to its values."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        self.fields = fields
        self.repeated: list[str] = []
        self.repeated_outside = ""  # in the outermost object, which is read last
        self.strict, self.lenient = (
            json.JSONDecoder(
                object_pairs_hook=self.read_members,
                parse_int=str,  # of any length
                parse_float=str,
                parse_constant=refuse_constant,
                strict=strict,
            )
            for strict in (True, False)
        )

    def read_members(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        self.repeated_outside = find_repeated(pairs) if len(members) < len(pairs) else ""
        if self.repeated_outside:
            self.repeated.append(self.repeated_outside)
        return members

    def examine(self, raw: bytes) -> Examination:
        """Returns what is wrong with the text of a record. Raises NotJsonError if it is not JSON at all."""
        self.repeated.clear()
        text = raw.decode(errors="replace")
        is_text = text.encode() == raw
        try:
            try:
                value = self.strict.decode(text)
            except json.JSONDecodeError:
                value, is_text = self.lenient.decode(text), False
        except RecursionError:
            return Examination(None, TOO_DEEP)
        except ValueError as error:
            raise NotJsonError from error
        return Examination(find_id(value), self.find_problem(value, is_text=is_text))

    def find_problem(self, value: Any, *, is_text: bool) -> Rejection | None:
        if not is_text or has_marks(value, SURROGATES):
            marks = SURROGATES if is_text else NOT_TEXT
            members = value if isinstance(value, dict) else {}
            names = [name for name, member in members.items() if has_marks([name, member], marks)]
            field = self.name_field(names[0] if names else "")
            return Rejection("invalid", field, f"{field}: {UNREADABLE}" if field else UNREADABLE)
        if self.repeated:
            field = self.name_field(self.repeated_outside)
            return Rejection("invalid", field, f"{self.repeated[0]!a} is in one object twice.")
        return None

    def name_field(self, name: str) -> str | None:
        return name if name in self.fields else None


def has_marks(value: Any, marks: re.Pattern[str]) -> bool:
    """Whether a text in a value, or a name, contains one of these characters."""
    values = [value]
    while (
        values
    ):  # not by recursion, for which a record can be too deep that the decoder could read
        value = values.pop()
        if isinstance(value, str) and marks.search(value):
            return True
        if isinstance(value, dict):
            values += [*value, *value.values()]
        elif isinstance(value, list):
            values += value
    return False


def find_id(value: Any) -> str | None:
    """Returns the id of a record that is otherwise invalid, if it has one."""
    given = value.get("id") if isinstance(value, dict) else None
    if not isinstance(given, str) or UNREADABLE_CHARACTER.search(given):
        return None
    return given[:EVENT_ID_LENGTH]
