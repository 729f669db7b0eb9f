"""Search and sorting that take no notice of case, accents or Unicode form, alike on both databases.

Neither database does this by itself: SQLite knows the case of ASCII letters only, PostgreSQL compares
composed and decomposed letters as different. So a column has the folded text (accounts/fields.py), and
what people search for is folded the same way.
"""

import re
import unicodedata
from functools import reduce
from operator import and_, or_
from typing import Any, ClassVar, cast

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, StrIndex, Substr

from accounts.email_addresses import format_email

# Accents: the block "Combining Diacritical Marks". Marks of other scripts distinguish letters and stay.
ACCENTS = re.compile("[\u0300-\u036f]+")
# The longest line of a column. 100 characters of a name can fold to 1,800, too many bytes for an index.
LINE_LENGTH = 300
LINE_BREAK = "\n"
# As many as a text filter of 100 characters can have. Compatibility forms fold to several words each, for
# which conditions and sums would become deeper than databases can read.
MOST_WORDS = 50


def fold(text: str) -> str:
    """Returns `text` without case, accents or compatibility forms, in NFC and with single spaces."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        text = unicodedata.normalize("NFC", ACCENTS.sub("", text))
    return " ".join(text.casefold().replace("\x00", "").split())


def split_words(text: str) -> list[str]:
    """Returns the first folded words of a text to search for, at most `MOST_WORDS`."""
    return fold(text).split()[:MOST_WORDS]


def spell_out(value: str) -> str:
    return f"{value} {format_email(value)}" if "xn--" in value else value


def match_words(text: str, *columns: str) -> Q:
    """Returns the condition that each word of `text` is in one of the folded columns.

    Words beyond the first `MOST_WORDS` are ignored, here and below.
    """
    words = split_words(text)
    if not words and text.strip():  # accents alone
        return Q(pk__in=[])
    return reduce(and_, (match_any(columns, "contains", word) for word in words), Q())


def match_first_line(text: str, *columns: str) -> Q:
    """Returns the condition that each word of `text` is in the first line of one of the folded columns."""
    words = split_words(text)
    if not words and text.strip():
        return Q(pk__in=[])
    patterns = (f"^[^{LINE_BREAK}]*{re.escape(word)}" for word in words)
    return reduce(and_, (match_any(columns, "regex", pattern) for pattern in patterns), Q())


def match_any(columns: tuple[str, ...], lookup: str, value: str) -> Q:
    return reduce(or_, (Q(**{f"{column}__{lookup}": value}) for column in columns))


def first_line(column: str) -> Substr:
    """Returns the first line of a folded column, to sort by a name without what else is searched."""
    whole = Concat(F(column), Value(LINE_BREAK), output_field=models.TextField())
    end = StrIndex(whole, Value(LINE_BREAK))
    return Substr(column, 1, end - 1)


class SearchTextField(models.TextField[str, str]):
    """The folded text of the row's `sources` (attributes), one in a line, computed whenever it is saved.

    The version before inserts rows without it while this one is installed; `migrate` fills them.
    """

    line_length: ClassVar[int | None] = LINE_LENGTH

    def __init__(self, *sources: str, **kwargs: Any) -> None:
        self.sources = sources
        super().__init__(**{"editable": False, "blank": True, "db_default": "", **kwargs})

    def deconstruct(self) -> Any:
        name, path, _, kwargs = super().deconstruct()
        return name, path, self.sources, kwargs

    def db_parameters(self, connection: Any) -> Any:
        """PostgreSQL's `C` compares code points, as SQLite does, so that both sort alike."""
        collation = "C" if connection.vendor == "postgresql" else None
        return {**super().db_parameters(connection), "collation": collation}

    def compute(self, row: models.Model) -> str:
        """Returns the folded sources. Email addresses are also spelled as people write them."""
        values = (str(getattr(row, source)) for source in self.sources)
        return LINE_BREAK.join(fold(spell_out(value))[: self.line_length] for value in values)

    def pre_save(self, model_instance: models.Model, add: bool) -> str:  # noqa: FBT001  (Django's)
        text = self.compute(model_instance)
        setattr(model_instance, self.attname, text)
        return text


class LongSearchTextField(SearchTextField):
    """The same for texts of any length, without an index."""

    line_length = None


class Searchable(models.Model):
    """A model whose `search_text` is a SearchTextField. Saving a source saves it too."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        fields = kwargs.get("update_fields")
        if fields is not None:
            fields = set(fields)
            if fields.intersection(search_text_field(type(self)).sources):
                fields.add("search_text")
            kwargs["update_fields"] = fields
        super().save(*args, **kwargs)


def search_text_field(model: type[models.Model]) -> SearchTextField:
    return cast("SearchTextField", model._meta.get_field("search_text"))
