"""Reads what passkeys return: JSON, and binary data in it, of limited size and nesting.

The library decodes both recursively and trusts their types. What passes here has the right ones, and is all
that is stored.
"""

from collections.abc import Callable
from typing import Annotated, Any, Literal

import msgspec
from fido2.cbor import decode
from fido2.utils import websafe_decode
from msgspec import UNSET, Meta, Struct, UnsetType

Id = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]+\Z", max_length=1400)]  # of at most 1023 bytes
# Empty from authenticators that store no id.
UserHandle = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]*\Z", max_length=1400)]
Binary = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]+\Z", max_length=16_000)]
# Objects and lists, in which a credential and a browser's description of its page hold one or two levels.
MOST_BRACKETS = 50
MOST_LEVELS = 8
MOST_CLIENT_DATA = 4000  # bytes
MOST_AUTHENTICATOR_DATA = 8000  # bytes; the longest keys have 2,600
# Of authenticator data: hash of the host, flags and counter; then the credential, if there is one.
HEAD = 37
HAS_CREDENTIAL, HAS_EXTENSIONS = 0x40, 0x80
ID_SIZE = slice(HEAD + 16, HEAD + 18)
# Major types of CBOR (RFC 8949).
BINARY, TEXT, ARRAY, MAP, TAG, SIMPLE = 2, 3, 4, 5, 6, 7


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
    for name, check in CHECKS.items():
        if name in values["response"]:
            check(websafe_decode(values["response"][name]))
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


def check_authenticator_data(data: bytes) -> None:
    if not HEAD <= len(data) <= MOST_AUTHENTICATOR_DATA:
        raise ValueError("wrong length")
    flags, end = data[HEAD - 5], HEAD
    if flags & HAS_CREDENTIAL:
        end = find_end(data, ID_SIZE.stop + int.from_bytes(data[ID_SIZE], "big"))
    if flags & HAS_EXTENSIONS:
        end = find_end(data, end)
    if end != len(data):
        raise ValueError("wrong length")


def check_attestation(data: bytes) -> None:
    if find_end(data, 0) != len(data):
        raise ValueError("wrong length")
    attestation = decode(data)
    inner = attestation.get("authData") if isinstance(attestation, dict) else None
    check_authenticator_data(inner if isinstance(inner, bytes) else b"")


CHECKS: dict[str, Callable[[bytes], None]] = {
    "clientDataJSON": check_client_data,
    "attestationObject": check_attestation,
    "authenticatorData": check_authenticator_data,
}


def find_end(data: bytes, start: int) -> int:
    """Returns where the CBOR value at `start` ends.

    Raises ValueError if it does not, if it is nested deeper than `MOST_LEVELS`, or if passkeys have no such
    type.
    """
    missing, at = [1], start  # how many values are missing at each level
    while missing:
        if not missing[-1]:
            missing.pop()
            continue
        missing[-1] -= 1
        kind, size, at = read_head(data, at)
        if kind in (BINARY, TEXT):
            at += size
        if kind in (ARRAY, MAP):
            missing.append(size if kind == ARRAY else 2 * size)
        if len(missing) > MOST_LEVELS or at > len(data):
            raise ValueError("nested too deep, or cut off")
    return at


def read_head(data: bytes, at: int) -> tuple[int, int, int]:
    """Returns the major type at `at`, its number, and where they end. Raises ValueError."""
    if at >= len(data):
        raise ValueError("cut off")
    kind, number = divmod(data[at], 32)
    if kind == TAG or number > 27 or (kind == SIMPLE and number > 23):
        raise ValueError("not in passkeys")
    if number < 24:
        return kind, number, at + 1
    end = at + 1 + 2 ** (number - 24)
    if end > len(data):
        raise ValueError("cut off")
    return kind, int.from_bytes(data[at + 1 : end], "big"), end
