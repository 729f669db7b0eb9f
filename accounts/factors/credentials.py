"""Reads what passkeys return: JSON of limited size and nesting.

The library trusts the types in it. What passes here has the right ones, and is all that is stored.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from fido2.utils import websafe_decode
from msgspec import UNSET, Meta, Struct, UnsetType

Id = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]+\Z", max_length=1400)]  # of at most 1023 bytes
# Empty from authenticators that store no id.
UserHandle = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]*\Z", max_length=1400)]
Binary = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]+\Z", max_length=16_000)]
# Objects and lists, in which a credential and a browser's description of its page hold one or two levels.
MOST_BRACKETS = 50
MOST_CLIENT_DATA = 4000  # bytes
# In the binary data of a new passkey, which each page about it decodes again, recursively.
MOST_LEVELS = 8


class CredentialProperties(Struct):
    rk: bool | UnsetType = UNSET


class ExtensionResults(Struct, rename="camel"):
    cred_props: CredentialProperties | UnsetType = UNSET


class AuthenticatorResponse(Struct, rename="camel"):
    """The first two are of a new passkey, the first and the last three of one that is used."""

    client_data: Binary = msgspec.field(name="clientDataJSON")
    attestation_object: Binary | UnsetType = UNSET
    authenticator_data: Binary | UnsetType = UNSET
    signature: Binary | UnsetType = UNSET
    user_handle: UserHandle | UnsetType = UNSET


class PasskeyCredential(Struct, rename="camel"):
    """What the script of the page writes, as the library reads it."""

    id: Id
    raw_id: Id
    type: Literal["public-key"]
    response: AuthenticatorResponse
    client_extension_results: ExtensionResults = msgspec.field(default_factory=ExtensionResults)


class ClientData(Struct, rename="camel"):
    """The browser's description of the page."""

    type: Annotated[str, Meta(max_length=50)]
    challenge: Id
    origin: Annotated[str, Meta(max_length=500)]
    cross_origin: bool = False


def read_credential(text: str) -> dict[str, Any]:
    """Returns the credential in `text`, without anything that is unknown. Raises ValueError."""
    credential = read_json(text.encode(), PasskeyCredential)
    values: dict[str, Any] = msgspec.to_builtins(credential)
    check_client_data(websafe_decode(credential.response.client_data))
    return values


def read_json(text: bytes, kind: type[Any]) -> Any:
    """Returns the JSON in `text` as a struct of that kind. Raises ValueError."""
    if text.count(b"{") + text.count(b"[") > MOST_BRACKETS:
        raise ValueError("too many objects")
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.MsgspecError as error:
        raise ValueError(str(error)) from error


def check_client_data(data: bytes) -> None:
    if len(data) > MOST_CLIENT_DATA:
        raise ValueError("too long")
    read_json(data, ClientData)


def check_levels(value: Any, left: int = MOST_LEVELS) -> None:
    """Raises ValueError if the decoded binary data is nested too deep."""
    if not left:
        raise ValueError("nested too deep")
    if isinstance(value, Mapping | list):
        for child in value.values() if isinstance(value, Mapping) else value:
            check_levels(child, left - 1)
