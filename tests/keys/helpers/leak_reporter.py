"""A scanner that finds secrets in public and reports them, as tests see it."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client

from accounts.actors import Actor
from keys.leaks.services.reports import Finding, report_leaks
from tests.support.openapi_contract import documented
from tests.world import World

LEAKS = "/v1/keys/leaks"
URL = "https://code.example/somebody/notes/blob/main/settings.py"
ACTOR = Actor.without_account("Leak report (scanner)")


class Scanner:
    """Has a signing key of its own, called `name`."""

    def __init__(self, name: str = "scanner", curve: ec.EllipticCurve | None = None) -> None:
        self.name = name
        self.key = ec.generate_private_key(curve or ec.SECP256R1())

    @property
    def entry(self) -> dict[str, Any]:
        """Its line in the file of public keys, in GitHub's form."""
        pem = self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return {"key_identifier": self.name, "key": pem.decode(), "is_current": True}

    def signature(self, body: bytes) -> str:
        return base64.b64encode(self.key.sign(body, ec.ECDSA(hashes.SHA256()))).decode()

    def send(self, body: bytes, **changes: Any) -> Any:
        """The answer to `body` as this scanner signs it, apart from `changes` of what is sent."""
        headers = {
            "Github-Public-Key-Identifier": changes.get("identifier", self.name),
            "Github-Public-Key-Signature": changes.get("signature", self.signature(body)),
        }
        given = {name: value for name, value in headers.items() if value is not None}
        content_type = changes.get("content_type", "application/json")
        client = Client(raise_request_exception=False)
        answer = client.post(
            LEAKS, changes.get("sent", body), content_type=content_type, headers=given
        )
        return documented(answer)

    def report(self, *entries: Any, **changes: Any) -> Any:
        return self.send(json.dumps(entries).encode(), **changes)


def found(token: Any, **changes: Any) -> dict[str, Any]:
    """An entry of a report."""
    return {"token": token, "type": "console_key", "url": URL, "source": "content", **changes}


def labels(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [entry["label"] for entry in answer.json()]


def write_keys(path: Path, *scanners: Scanner) -> None:
    path.write_text(json.dumps({"public_keys": [scanner.entry for scanner in scanners]}))


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def report(*tokens: str, url: str = URL, source: str = "content") -> list[bool]:
    """What the service says of those tokens, all found at `url`."""
    findings = [Finding(token, url=url, source=source) for token in tokens]
    return report_leaks(actor=ACTOR, reporter="scanner", findings=findings)


def secrets_of(world: World) -> list[str]:
    """Two keys' secrets, of two organizations."""
    return [world.key_secret, world.other_key_secret]
