"""Reports of secrets that were found in public, in the form of GitHub's partners, and the answers to them."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from accounts.web.api.payloads import Parameters, Payload

MOST_ENTRIES = 1000
Label = Literal["false_positive", "true_positive"]


class LeakedSecret(Parameters, frozen=True):
    """A secret that a scanner found. Entries without a token are ignored."""

    token: Annotated[str, Meta(examples=["pk_…"])]
    type: Annotated[str, Meta(examples=["console_key"])] = ""
    url: Annotated[str, Meta(examples=["https://…"])] = ""
    source: Annotated[str, Meta(examples=["commit"])] = ""

    @classmethod
    def of_entry(cls, entry: dict[str, Any]) -> "LeakedSecret | None":
        """Returns the secret in an entry of a report; members that are not text do not count."""
        texts = {
            name: value
            for name in cls.__struct_fields__
            if isinstance(value := entry.get(name), str)
        }
        return cls(**texts) if texts.get("token") else None


class Feedback(Payload, frozen=True):
    """GitHub's feedback in its hashed form, which contains no secret."""

    token_hash: Annotated[
        str,
        Meta(
            description="SHA-256 of the token, in hexadecimal.",
            pattern=r"^[0-9a-f]{64}\Z",
            examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
        ),
    ]
    token_type: Annotated[str, Meta(description="As sent in the report.", examples=["console_key"])]
    label: Label


LeakedSecrets = Annotated[list[LeakedSecret], Meta(min_length=1, max_length=MOST_ENTRIES)]


class SignatureHeaders(Parameters, frozen=True, rename=lambda name: name.title().replace("_", "-")):
    github_public_key_identifier: Annotated[
        str, Meta(description="The id of the public key that signed the body.")
    ] = ""
    github_public_key_signature: Annotated[
        str, Meta(description="ECDSA signature of the body, in base64.")
    ] = ""
