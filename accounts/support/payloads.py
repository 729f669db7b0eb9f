"""What the API accepts and returns about requests to support."""

from typing import Annotated, Literal, Self

from msgspec import Meta

from accounts.enums import SupportRequestKind, SupportRequestState
from accounts.models import SupportRequest
from accounts.models.support import MOST_PROJECTS, REASON_LENGTH
from accounts.web.api.payloads import Payload, describe_id, format_unix
from accounts.web.api.principals import PrincipalReference

SupportRequestId = Annotated[str, describe_id("request", "2bVn7XqLr0TfWkHy5MzC")]
RequestKind = Annotated[
    SupportRequestKind,
    Meta(description="`projects`: more projects. `externals`: external collaborators."),
]


class NewSupportRequest(Payload, frozen=True):
    kind: RequestKind
    reason: Annotated[str, Meta(max_length=REASON_LENGTH, examples=["One project for each team."])]
    requested_limit: Annotated[
        Annotated[int, Meta(ge=1, le=MOST_PROJECTS)] | None,
        Meta(description="How many projects you need in total, for `projects` only."),
    ] = None


class SupportRequestObject(Payload, frozen=True, kw_only=True):
    """A request to support, and the answer."""

    object: Literal["organization.support_request"] = "organization.support_request"
    id: SupportRequestId
    kind: RequestKind
    reason: str
    requested_limit: int | None
    status: SupportRequestState
    requested_by: PrincipalReference
    created_at: Annotated[int, Meta(description="In Unix seconds.")]
    answer: Annotated[str | None, Meta(description="What support wrote.")]
    answered_at: Annotated[int | None, Meta(description="Also when it was withdrawn.")]

    @classmethod
    def of_request(cls, request: SupportRequest) -> Self:
        return cls(
            id=request.public_id,
            kind=SupportRequestKind(request.kind),
            reason=request.reason,
            requested_limit=request.requested_limit,
            status=SupportRequestState(request.state),
            requested_by=PrincipalReference.of_principal(request.requester),
            created_at=format_unix(request.created_at),
            answer=request.answer or None,
            answered_at=format_unix(request.answered_at) if request.answered_at else None,
        )
