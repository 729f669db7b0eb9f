"""Querysets that are compiled once, then run again and again with other values.

Django builds and compiles a queryset anew for each request. For those with a dozen subqueries, which decide
what a person may see, that takes milliseconds: twenty times as long as the database takes to answer.

A `Statement` calls its function once for each shape of its arguments, with stand-ins for the values. Where a
stand-in appears among the parameters of the SQL, later runs put the value.
"""

import copy
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial, update_wrapper
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection, connections, models
from django.db.models.query import ModelIterable
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

from accounts.models.principals import Principal
from accounts.models.user import User
from accounts.queries.clock import query_date, query_time, stand_in_time

Row = TypeVar("Row", bound=models.Model)

# Larger than any primary key in use, and fits into 64 bits.
FIRST_STAND_IN = 7_000_000_000_000_000_000


@dataclass(frozen=True)
class Compiled(Generic[Row]):
    """The SQL of a queryset and its parameters.

    For each of them, `sources` has where its value is in what `list_values` returns; None for constants.
    """

    database: str
    compiler: SQLCompiler
    sql: str
    parameters: tuple[Any, ...]
    sources: tuple[int | None, ...]

    def bind(self, values: Sequence[Any]) -> tuple[Any, ...]:
        pairs = zip(self.parameters, self.sources, strict=True)
        return tuple(constant if source is None else values[source] for constant, source in pairs)

    def fetch(self, parameters: tuple[Any, ...]) -> list[Row]:
        """Runs the SQL and returns its rows as the queryset would."""
        compiler = copy.copy(self.compiler)
        compiler.connection = connections[self.database]
        vars(compiler)["as_sql"] = lambda: (self.sql, parameters)
        # What Django reads of a queryset to make model instances of its rows.
        queryset: Any = SimpleNamespace(
            db=self.database,
            query=SimpleNamespace(get_compiler=lambda using: compiler),
            _known_related_objects={},
        )
        return list(ModelIterable(queryset))


class Statement(Generic[Row]):
    """A function that returns a queryset, as one that returns its rows. Decorates the function.

    Its arguments are principals, integers and texts, whose values only become parameters of the SQL. Members
    of enums, True and whatever is false (None, "", 0) are part of the shape instead, as are the names of
    keyword arguments. Raises TypeError for arguments of other types.
    """

    def __init__(self, build: Callable[..., models.QuerySet[Row]]) -> None:
        update_wrapper(self, build)
        self.build = build
        self.compiled: dict[Hashable, Compiled[Row] | None] = {}

    def __call__(self, *arguments: Any, **lookup: Any) -> list[Row]:
        compiled = self.find_compiled(arguments, lookup)
        if compiled is None:
            return []
        return compiled.fetch(compiled.bind(list_values((*arguments, *lookup.values()))))

    def first(self, *arguments: Any, **lookup: Any) -> Row | None:
        """Returns the first row, if any. The queryset should have a limit of one."""
        return next(iter(self(*arguments, **lookup)), None)

    def find_compiled(
        self, arguments: tuple[Any, ...], lookup: dict[str, Any]
    ) -> Compiled[Row] | None:
        """Returns the compiled queryset for arguments of this shape; None if it is always empty."""
        values = (*arguments, *lookup.values())
        shape = tuple(lookup), tuple(describe_shape(value) for value in values)
        if shape not in self.compiled:
            stand_ins = make_stand_ins(values)
            build = partial(self.build, *stand_ins[: len(arguments)])
            names = dict(zip(lookup, stand_ins[len(arguments) :], strict=True))
            self.compiled[shape] = compile_queryset(partial(build, **names), stand_ins)
        return self.compiled[shape]


def describe_shape(argument: Any) -> Any:
    """Returns what the structure of a queryset may depend on."""
    if isinstance(argument, Principal):
        parts = (argument.user, *list_texts(argument))
        return argument.kind, argument.is_absent, tuple(bool(part) for part in parts)
    if is_value(argument):
        return (type(argument),)
    if argument and not isinstance(argument, bool | Enum):
        raise TypeError(f"A statement takes no {type(argument).__name__}.")
    return type(argument), argument


def is_value(argument: Any) -> bool:
    """Returns whether an argument only becomes a parameter."""
    return type(argument) in (int, str) and bool(argument)


def list_texts(principal: Principal) -> tuple[Any, ...]:
    """Returns what querysets may compare with, besides the user."""
    return principal.viewed_in, principal.credential, principal.service_account, principal.label


def list_values(arguments: tuple[Any, ...]) -> list[Any]:
    """Returns the current time and all values in `arguments`, as they are passed to the database."""
    adapt = connection.ops
    values: list[Any] = [
        adapt.adapt_datetimefield_value(query_time()),
        adapt.adapt_datefield_value(query_date()),
    ]
    for argument in arguments:
        if isinstance(argument, Principal):
            values += [argument.user.pk if argument.user else None, *list_texts(argument)]
        else:
            values.append(argument)
    return values


def compile_queryset(
    build: Callable[[], models.QuerySet[Row]], stand_ins: tuple[Any, ...]
) -> Compiled[Row] | None:
    """Returns the queryset that `build` makes with the stand-ins; None if it is always empty."""
    with stand_in_time():
        queryset = build()
        compiler = queryset.query.get_compiler(using=queryset.db)
        try:
            sql, parameters = compiler.as_sql()
        except EmptyResultSet:
            return None
        values = list_values(stand_ins)
    positions = {value: position for position, value in enumerate(values) if value}
    sources = tuple(positions.get(parameter) for parameter in parameters)
    constants = [p for p, source in zip(parameters, sources, strict=True) if source is None]
    require_no_values((sql, *constants))
    return Compiled(queryset.db, compiler, sql, tuple(parameters), sources)


def make_stand_ins(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """Returns arguments of the same shape, each value of which is found only once."""
    numbers = iter(range(FIRST_STAND_IN, FIRST_STAND_IN + 1_000))

    def replace_value(value: Any) -> Any:
        if not is_value(value):
            return value
        number = next(numbers)
        return f"stand-in-{number}" if isinstance(value, str) else number

    def replace_argument(argument: Any) -> Any:
        if not isinstance(argument, Principal):
            return replace_value(argument)
        user = argument.user
        return replace(
            argument,
            # Without its other fields, so that a condition on one of them fails instead of being kept.
            user=User.from_db("default", ["id"], [next(numbers)]) if user else None,
            viewed_in=replace_value(argument.viewed_in),
            credential=replace_value(argument.credential),
            service_account=replace_value(argument.service_account),
            label=replace_value(argument.label),
        )

    return tuple(replace_argument(argument) for argument in arguments)


def require_no_values(constants: Sequence[Any]) -> None:
    """Raises LookupError if a constant contains a stand-in, or is the time of compiling."""
    year = str(timezone.now().year)
    for constant in map(str, constants):
        if str(FIRST_STAND_IN)[:12] in constant or constant.startswith((f"{year}-", "2999-")):
            raise LookupError(f"Compiled once, this would always be {constant}.")
