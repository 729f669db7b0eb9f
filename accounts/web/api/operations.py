"""What a route of the API declares; console/api makes the OpenAPI document from it."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict

from django.http.response import HttpResponseBase

from accounts.access.base import Access
from accounts.access.decorators import View
from accounts.permissions import Permission
from accounts.web.api.callers import Caller, Credential

# Returns the access that the arguments of a URL are about, and takes from them what it looked up.
Lookup = Callable[[Caller, dict[str, Any]], Access]
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


class Options(TypedDict, total=False):
    """What a decorator may declare besides method and summary; see `Operation`."""

    tag: str
    credentials: tuple[Credential, ...]
    permission: Permission | None
    lookup: Lookup | None
    query: Any
    body: Any
    body_type: str
    headers: Any
    answer: Any
    accepted: Any
    returns: str
    answer_headers: Any
    errors: tuple[int, ...]
    limited: bool
    fields: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method of a route; GET answers HEAD too.

    `credentials` are the kinds of which one is needed. `query`, `headers` and `answer_headers` are structs,
    `body` and `answer` structs, lists or unions of structs (None: empty). `returns` describes the answer, by
    default with the docstring of its struct. `accepted` is the struct of an answer with status 202. `errors`
    are the statuses that the view itself answers: what follows from the rest of the declaration is added.
    `limited`: answers carry the headers of rate limits. `has_caller`: the console determines the caller
    before the view. `lookup` finds what the URL names, and there the permission is needed. `fields` are the
    names that errors of services use, with the names that the API has for them.
    """

    method: str
    summary: str
    description: str
    tag: str
    credentials: tuple[Credential, ...] = ()
    permission: Permission | None = None
    lookup: Lookup | None = None
    query: Any = None
    body: Any = None
    body_type: str = JSON
    headers: Any = None
    answer: Any = None
    accepted: Any = None
    returns: str = ""
    answer_headers: Any = None
    errors: tuple[int, ...] = ()
    limited: bool = False
    has_caller: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def methods(self) -> tuple[str, ...]:
        return ("GET", "HEAD") if self.method == "GET" else (self.method,)

    @property
    def statuses(self) -> list[int]:
        """Returns the statuses of all refusals that a caller has to expect."""
        statuses = {400, 413, 503, *self.errors}
        if self.limited:
            statuses.add(429)
        if self.has_caller:
            statuses |= {401, 422} if self.query else {401}
            statuses |= {415, 422} if self.body else set()
            statuses |= {403} if self.permission or self.method != "GET" else set()
        return sorted(statuses)


def describe_view(view: Callable[..., Any]) -> str:
    """Returns the docstring of the view in one line."""
    return " ".join((inspect.getdoc(view) or "").split())


def infer_types(view: Callable[..., Any]) -> Options:
    """Returns the structs in the view's signature: of its arguments `query` and `body`, and of its answer."""
    hints = inspect.get_annotations(view, eval_str=True)
    answer = hints.get("return")
    options = Options()
    if "query" in hints:
        options["query"] = hints["query"]
    if "body" in hints:
        options["body"] = hints["body"]
    if not (isinstance(answer, type) and issubclass(answer, HttpResponseBase)):
        options["answer"] = answer
    return options


def declare_operations(view: View, *operations: Operation) -> View:
    """Marks the view with what it declares."""
    vars(view)["operations"] = operations
    return view


def find_operations(view: Any) -> tuple[Operation, ...]:
    """Returns what the view declares; nothing for a page."""
    return getattr(view, "operations", ())


def find_operation(view: Any, method: str | None) -> Operation | None:
    """Returns what the view declares for that method, or None if it does not take it."""
    operations = find_operations(view)
    return next((entry for entry in operations if method in entry.methods), None)
