"""Signatures of leak reports, against the public keys that the operator keeps in a file.

The file is in the form in which GitHub publishes its own; the console asks nobody for it.
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
    """The file of public keys cannot be used; the text says why, for the operator."""


def is_signed(body: bytes, identifier: str, signature: str) -> bool:
    """Whether `signature` is that of `body`: base64 of a DER ECDSA P-256 signature over its SHA-256.

    By the key called `identifier`, in the file as it is now: one that is no longer current counts as
    long as it stands there. Raises UnusableKeys.
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
    """The keys of the file, PEM by identifier."""
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
        raise UnusableKeys("LEAK_REPORT_KEYS: a key in it is no public key in PEM.") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise UnusableKeys("LEAK_REPORT_KEYS: a key in it is not of the curve P-256.")
    return key
