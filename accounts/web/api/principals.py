"""Who did something, as the API says it."""

from typing import Annotated, Literal, Self

from msgspec import Meta

from accounts.enums import PrincipalKind
from accounts.models.principals import Principal
from accounts.web.api.payloads import Payload


class PrincipalReference(Payload, frozen=True):
    """A person, an admin API key or a service account."""

    type: Literal["user", "admin_api_key", "service_account"]
    id: Annotated[str, Meta(examples=["user_5pTqYb0wZr3KfLh8NcXe"])]
    name: str

    @classmethod
    def of_principal(cls, principal: Principal) -> Self:
        if principal.user:
            return cls("user", principal.user.public_id, principal.user.name)
        if principal.kind == PrincipalKind.ADMIN_KEY:
            return cls("admin_api_key", principal.credential, principal.label)
        return cls("service_account", principal.service_account, principal.label)
