"""Verifies signatures of leak reports with the public keys that the operator keeps in a file.

The file has the format in which GitHub publishes its keys; the console never downloads it.
"""

import base64
import json
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.conf import settings

from keys.models.leak import REPORTER_LENGTH


class UnusableKeys(Exception):
    """The file of public keys cannot be used; the text says why, to the operator."""


def is_signed(body: bytes, identifier: str, signature: str) -> bool:
    """Returns whether `signature` is one of `body`: base64 of a DER ECDSA P-256 signature over its SHA-256.

    `identifier` names the public key, which counts as long as it is in the file, current or not. Raises
    UnusableKeys.
    """
    pem = read_public_keys().get(identifier)
    if pem is None:
        return False
    try:
        given = base64.b64decode(signature, validate=True)
        load_key(pem).verify(given, body, ec.ECDSA(hashes.SHA256()))
    except (ValueError, InvalidSignature):
        return False
    return True


def read_public_keys() -> dict[str, str]:
    """Returns the public keys of the file as PEM, by identifier. Raises UnusableKeys."""
    try:
        content = json.loads(Path(settings.LEAK_REPORT_KEYS).read_bytes())
        keys = {str(key["key_identifier"]): str(key["key"]) for key in content["public_keys"]}
    except (OSError, ValueError, RecursionError, KeyError, TypeError) as error:
        raise UnusableKeys(f"LEAK_REPORT_KEYS: {type(error).__name__}: {error}") from error
    return {name: pem for name, pem in keys.items() if 0 < len(name) <= REPORTER_LENGTH}


def load_key(pem: str) -> ec.EllipticCurvePublicKey:
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnusableKeys(
            "LEAK_REPORT_KEYS contains a key that is not a PEM public key."
        ) from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise UnusableKeys("LEAK_REPORT_KEYS contains a key that is not on the curve P-256.")
    return key
