"""A passkey made of code: answers the options of the console as a browser and its authenticator do."""

import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.urls import reverse
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from accounts.models import User
from tests.support.pages import freshly_signed_in

Answer = dict[str, Any]
Change = Callable[[Answer], None]
FLAG = AuthenticatorData.FLAG
PRESENT = FLAG.UP


def describe_key(key: ec.EllipticCurvePublicKey) -> dict[int, Any]:
    """Returns the key as COSE writes it (RFC 9053): an elliptic curve key for ES256, on P-256."""
    numbers = key.public_numbers()
    return {
        1: 2,
        3: -7,
        -1: 1,
        -2: numbers.x.to_bytes(32, "big"),
        -3: numbers.y.to_bytes(32, "big"),
    }


@dataclass
class SoftPasskey:
    """One passkey, for pages of `origin`. `count` is how often it has signed; of synced ones it stays 0."""

    origin: str = "https://console.example.com"
    host: str = "console.example.com"
    verifies: bool = True
    count: int = 0
    handle: str = ""
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def register(self, options: dict[str, Any]) -> str:
        """Returns the credential that the form sends, as JSON."""
        public_key = options["publicKey"]
        self.handle = str(public_key["user"]["id"])
        credential = AttestedCredentialData.create(
            Aaguid.NONE, self.id, ES256(describe_key(self.key.public_key()))
        )
        data = AuthenticatorData.create(self.hash, self.flags | FLAG.AT, self.count, credential)
        return self.describe(
            clientDataJSON=self.describe_page("webauthn.create", public_key["challenge"]),
            attestationObject=AttestationObject.create("none", data, {}),
        )

    def sign(self, options: dict[str, Any]) -> str:
        """Returns the credential that proves who signs in, as JSON."""
        page = self.describe_page("webauthn.get", options["publicKey"]["challenge"])
        self.count += bool(self.count)
        data = AuthenticatorData.create(self.hash, self.flags, self.count)
        return self.describe(
            clientDataJSON=page,
            authenticatorData=data,
            signature=self.sign_data(page, data),
            userHandle=self.handle,
        )

    def sign_data(self, page: bytes, data: bytes) -> bytes:
        """Returns the signature of the browser's description of its page and of the authenticator data."""
        return self.key.sign(data + hashlib.sha256(page).digest(), ec.ECDSA(hashes.SHA256()))

    @property
    def hash(self) -> bytes:
        return hashlib.sha256(self.host.encode()).digest()

    @property
    def flags(self) -> Any:
        return PRESENT | FLAG.UV if self.verifies else PRESENT

    def describe_page(self, kind: str, challenge: str) -> bytes:
        return CollectedClientData.create(kind, challenge, self.origin)

    def describe(self, **response: bytes | str) -> str:
        encoded = {
            name: value if isinstance(value, str) else websafe_encode(value)
            for name, value in response.items()
        }
        own = websafe_encode(self.id)
        return json.dumps(
            {
                "id": own,
                "rawId": own,
                "type": "public-key",
                "response": encoded,
                "clientExtensionResults": {"credProps": {"rk": True}},
            }
        )


def nest(levels: int) -> Any:
    """Returns lists in lists."""
    return [nest(levels - 1)] if levels else 0


def register_changed(user: User, change: Change) -> int:
    """Sends a new passkey of `user` whose answer was changed; the status."""
    client = freshly_signed_in(user)
    options = client.post(reverse("passkey_add_options")).json()
    credential: Answer = json.loads(SoftPasskey().register(options))
    change(credential)
    form = {"name": "Laptop", "credential": json.dumps(credential)}
    return int(client.post(reverse("passkey_add"), form).status_code)
