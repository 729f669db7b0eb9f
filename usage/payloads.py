"""Kinds of fields that the API's answers about usage share."""

from typing import Annotated

from msgspec import Meta

from accounts.fields import ID_LENGTH

CollaboratorId = Annotated[
    str,
    Meta(
        pattern=rf"^(user|svc)_[0-9A-Za-z]{{{ID_LENGTH}}}\Z",
        description="Of a person or a service account.",
        examples=["user_5pTqYb0wZr3KfLh8NcXe"],
        extra_json_schema={"format": "id"},
    ),
]
Decimal = Annotated[
    str, Meta(description="A decimal.", pattern=r"^-?[0-9]+(\.[0-9]+)?\Z", examples=["128"])
]
Day = Annotated[str, Meta(extra_json_schema={"format": "date"}, examples=["2026-11-23"])]
