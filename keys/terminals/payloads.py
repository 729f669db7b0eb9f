"""Payloads of the token server: the forms that terminals send, and the answers."""

from typing import Annotated, Literal, get_args

import msgspec
from msgspec import Meta

from accounts.web.api.payloads import Parameters, Payload
from keys.clients import CLIENTS

GRANT = "urn:ietf:params:oauth:grant-type:"
ACCESS_TOKEN_TYPE = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105  (a public name)
ClientId = Annotated[
    str, Meta(description="The id of a program that is registered here.", examples=sorted(CLIENTS))
]
URL = Annotated[
    str, Meta(extra_json_schema={"format": "uri"}, examples=["https://console.example.com/…"])
]
AccessToken = Annotated[str, Meta(description="Shown once.", examples=["at_…"])]
RefreshToken = Annotated[str, Meta(description="Shown once.", examples=["rt_…"])]


AuthMethods = Annotated[list[str], Meta(examples=[["none"]])]


class LoginForm(Parameters, frozen=True):
    client_id: ClientId


class DeviceCodeGrant(Parameters, frozen=True, tag_field="grant_type", tag=f"{GRANT}device_code"):
    """The tokens of a login, once its user has approved it. Poll no faster than `interval`."""

    client_id: ClientId
    device_code: Annotated[
        str, Meta(description="The device code of the login.", examples=["dc_…"])
    ]


class RefreshGrant(Parameters, frozen=True, tag_field="grant_type", tag="refresh_token"):
    """The next pair of tokens. Using a refresh token twice ends the login."""

    client_id: ClientId
    refresh_token: Annotated[str, Meta(description="The refresh token of the pair.")]
    access_token: Annotated[
        str, Meta(description="The access token of the same pair, expired or not.")
    ]


class ExchangeGrant(Parameters, frozen=True, tag_field="grant_type", tag=f"{GRANT}token-exchange"):
    """A token for one project that the login's user can use."""

    client_id: ClientId
    subject_token: Annotated[str, Meta(description="The access token of the login.")]
    subject_token_type: Annotated[str, Meta(extra_json_schema={"enum": [ACCESS_TOKEN_TYPE]})]
    resource: Annotated[str, Meta(description="The id of the project.")]


class SessionGrant(
    Parameters,
    frozen=True,
    tag_field="grant_type",
    tag="urn:together.ai:params:oauth:grant-type:session",
):
    """The next token of the same project, while the login is valid."""

    client_id: ClientId
    access_token: Annotated[str, Meta(description="The project's token, expired or not.")]


Grant = DeviceCodeGrant | RefreshGrant | ExchangeGrant | SessionGrant
GRANT_TYPES = [str(kind.__struct_config__.tag) for kind in get_args(Grant)]


class RevocationForm(Parameters, frozen=True):
    client_id: ClientId
    token: Annotated[str, Meta(examples=["at_…"])]
    token_type_hint: str | msgspec.UnsetType = msgspec.UNSET


class Discovery(Payload, frozen=True):
    """The URLs of the endpoints."""

    issuer: URL
    token_endpoint: URL
    device_authorization_endpoint: URL
    revocation_endpoint: URL
    grant_types_supported: Annotated[list[str], Meta(examples=[GRANT_TYPES])]
    response_types_supported: Annotated[list[str], Meta(examples=[[]])]
    token_endpoint_auth_methods_supported: AuthMethods
    revocation_endpoint_auth_methods_supported: AuthMethods


class DeviceAuthorization(Payload, frozen=True):
    """A login that waits for approval."""

    device_code: Annotated[
        str, Meta(description="The code with which the terminal polls.", examples=["dc_…"])
    ]
    user_code: Annotated[
        str,
        Meta(
            description="The code that the user sees on the page.",
            pattern=r"^[A-Z]{4}-[A-Z]{4}\Z",
            examples=["WDJB-MJHT"],
        ),
    ]
    verification_uri: URL
    verification_uri_complete: URL
    expires_in: Annotated[
        int, Meta(ge=1, description="Seconds until the login expires.", examples=[600])
    ]
    interval: Annotated[int, Meta(ge=1, description="Seconds between two polls.", examples=[2])]


class Tokens(Payload, frozen=True):
    """The tokens."""

    access_token: AccessToken
    token_type: Literal["Bearer"]
    expires_in: Annotated[
        int, Meta(ge=0, description="Seconds until the access token expires.", examples=[3600])
    ]
    refresh_token: RefreshToken | msgspec.UnsetType = msgspec.UNSET
    issued_token_type: str | msgspec.UnsetType = msgspec.UNSET


class Revoked(Payload, frozen=True):
    """The token was revoked."""
