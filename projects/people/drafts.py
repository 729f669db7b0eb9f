"""What was entered into *Add collaborator*, kept in URLs while a switch is turned on elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode

from accounts.permissions import ProjectRole

LONGEST = 2000


@dataclass(frozen=True)
class AdditionDraft:
    """The fields of the form as text; empty if nothing was entered."""

    email: str = ""
    role: str = ""
    end_date: str = ""

    @classmethod
    def parse(cls, query: Mapping[str, Any]) -> Self:
        """Reads the draft from the parameters of a URL or from a submitted form."""
        role = query.get("role", "")
        return cls(
            email=query.get("email", "").replace("\x00", "")[:LONGEST],
            role=role if role in ProjectRole.values else "",
            end_date=query.get("end_date", "").replace("\x00", "")[:10],
        )

    @property
    def values(self) -> dict[str, str]:
        """The fields that are not empty, for a form's `initial` and for URLs."""
        fields = {"email": self.email, "role": self.role, "end_date": self.end_date}
        return {name: value for name, value in fields.items() if value}

    def extend_url(self, url: str) -> str:
        """Returns `url` with the draft in its query string."""
        return f"{url}?{urlencode(self.values)}" if self.email else url
