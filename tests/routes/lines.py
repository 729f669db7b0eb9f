"""The lines of the tables of all routes: who gets which answer, one cell a person.

A line has one cell a person, in the order of `PEOPLE`: `y` they may, `n` they see it and may not (403),
`.` it is not there for them (404), `c` it does not fit the state of things (409), `-` no such
method (405). One line is for GET and one for POST.
"""

from dataclasses import dataclass, field
from typing import Any

PEOPLE = (
    "owner",
    "admin",
    "member",
    "project_admin",
    "project_member",
    "external",
    "external_admin",
)
# Nobody of these has any part in Northwind: the same answer as for an address that never was.
OUTSIDERS = ("former", "stranger", "staff")
STATUS = {"n": 403, ".": 404, "c": 409, "-": 405}
NO_POST = "-------"


@dataclass(frozen=True)
class Line:
    """A route of an organization or project. `done` is the status of a POST that went through."""

    get: str
    post: str = NO_POST
    data: dict[str, Any] = field(default_factory=dict)
    done: int = 302

    def expected(self, method: str, person: str) -> int:
        cell = (self.get if method == "GET" else self.post)[PEOPLE.index(person)]
        return STATUS.get(cell, 200 if method == "GET" else self.done)

    def expected_of_outsiders(self, method: str) -> int:
        return 405 if method == "POST" and self.post == NO_POST else 404


@dataclass(frozen=True)
class Own:
    """A route without a tenant's id: what signed-in people, staff and everybody else get.

    302 of `anonymous` is the way to the sign-in page where `redirect_to_sign_in` says so.
    """

    get: int
    post: int = 405
    anonymous_get: int = 302
    anonymous_post: int = 405
    data: dict[str, Any] = field(default_factory=dict)
    # The tables that a POST of a signed-in person writes to.
    changes: tuple[str, ...] = ()


NEW_PERSON = {"email": "somebody.new@elsewhere.example", "role": "member"}
ALL, MANAGERS, STAFFED = "yy.yyyy", "yy.ynny", "yy.ynnn"
