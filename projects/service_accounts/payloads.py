"""What the API says about service accounts. Source: OpenAI's Administration API."""

from typing import Annotated, Literal

from msgspec import Meta

from accounts.web.api.payloads import describe_id
from projects.models import ServiceAccountRole

ServiceAccountId = Annotated[str, describe_id("svc", "vK2xTn9QfLb7RwZd3HsM")]
ServiceAccountName = Annotated[str, Meta(examples=["CI"])]
AccountRole = Annotated[
    Literal["owner", "member", "none"],
    Meta(description="`owner` is a Project Admin. `none` can only have API keys."),
]
ROLES: dict[str, ServiceAccountRole] = {
    "owner": ServiceAccountRole.ADMIN,
    "admin": ServiceAccountRole.ADMIN,
    "member": ServiceAccountRole.MEMBER,
}
ROLE_NAMES: dict[str, Literal["owner", "member", "none"]] = {
    ServiceAccountRole.ADMIN: "owner",
    ServiceAccountRole.MEMBER: "member",
    ServiceAccountRole.NONE: "none",
}
