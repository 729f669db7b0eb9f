"""What the token server says to terminals, for the OpenAPI document."""

from accounts.web.openapi import FORM, Answer, Body, Operation, Schema, each, obj, ref, text, whole
from keys.clients import CLIENTS

GROUP = "Terminal login"
CLIENT_ID = text("Of a program that is registered here.", examples=sorted(CLIENTS))
TOKEN = text("Shown once.")


def form(about: str, fields: dict[str, Schema], *, optional: tuple[str, ...] = ()) -> Schema:
    """Fields that are not listed are passed over."""
    return obj({"client_id": CLIENT_ID, **fields}, optional=optional, about=about) | {
        "additionalProperties": True
    }


def grant(kind: str, about: str, **fields: Schema) -> Schema:
    return form(about, {"grant_type": {"const": kind}, **fields})


GRANT = "urn:ietf:params:oauth:grant-type:"
GRANTS = [
    grant(
        f"{GRANT}device_code",
        "The tokens of a login, once its person has approved it. Poll no faster than `interval`.",
        device_code=text("As it was given."),
    ),
    grant(
        "refresh_token",
        "The next pair of tokens. Using a refresh token twice ends the login.",
        refresh_token=text("Of the pair."),
        access_token=text("Of the same pair, expired or not."),
    ),
    grant(
        f"{GRANT}token-exchange",
        "A token for one project, for a login whose person can use it.",
        subject_token=text("The access token of the login."),
        subject_token_type=text(enum=["urn:ietf:params:oauth:token-type:access_token"]),
        resource=text("The id of the project."),
    ),
    grant(
        "urn:together.ai:params:oauth:grant-type:session",
        "The next token of the same project, while the login lives.",
        access_token=text("The project's token, expired or not."),
    ),
]
URL = text(format="uri")
OAUTH_SCHEMAS: dict[str, Schema] = {
    "Discovery": obj(
        {
            "issuer": URL,
            "token_endpoint": URL,
            "device_authorization_endpoint": URL,
            "revocation_endpoint": URL,
            "grant_types_supported": each(text()),
            "response_types_supported": each(text()),
            "token_endpoint_auth_methods_supported": each(text()),
            "revocation_endpoint_auth_methods_supported": each(text()),
        }
    ),
    "DeviceLogin": obj(
        {
            "device_code": text("What the terminal polls with."),
            "user_code": text("What its person sees on the page.", pattern="^[A-Z]{4}-[A-Z]{4}$"),
            "verification_uri": URL,
            "verification_uri_complete": URL,
            "expires_in": whole("Seconds until the login is over.", 1),
            "interval": whole("Seconds between two polls.", 1),
        }
    ),
    "Tokens": obj(
        {
            "access_token": TOKEN,
            "token_type": {"const": "Bearer"},
            "expires_in": whole("Seconds.", 0),
            "refresh_token": TOKEN,
            "issued_token_type": text(),
        },
        optional=("refresh_token", "issued_token_type"),
    ),
}

DISCOVERY = Operation(
    route="oauth_discovery",
    method="get",
    group=GROUP,
    title="Discovery",
    text="Where everything is (RFC 8414).",
    answer=Answer("The addresses.", ref("Discovery")),
)
DEVICE = Operation(
    route="oauth_device",
    method="post",
    group=GROUP,
    title="Begin a login",
    text="RFC 8628. Show `verification_uri_complete` to the person, then poll for the tokens.",
    body=Body(form("", {}), {"client_id": min(CLIENTS)}, FORM),
    answer=Answer("The login, which waits for approval.", ref("DeviceLogin")),
    errors=(401, 429),
)
TOKENS = Operation(
    route="oauth_token",
    method="post",
    group=GROUP,
    title="Get tokens",
    text="Four grants, by `grant_type`. Refusals are 400 with the words of RFC 6749 and 8628: "
    "`authorization_pending`, `slow_down`, `access_denied`, `expired_token`, `invalid_grant`, …",
    body=Body(
        {"oneOf": GRANTS},
        {
            "grant_type": f"{GRANT}device_code",
            "client_id": min(CLIENTS),
            "device_code": "dc_…",
        },
        FORM,
    ),
    answer=Answer(
        "The tokens.",
        ref("Tokens"),
        {
            "access_token": "at_…",
            "token_type": "Bearer",
            "expires_in": 3600,
            "refresh_token": "rt_…",
        },
    ),
    errors=(401,),
)
REVOKE = Operation(
    route="oauth_revoke",
    method="post",
    group=GROUP,
    title="Log out",
    text="RFC 7009. A login's token ends the login with all of its project tokens; 200 also for a token "
    "that is none.",
    body=Body(
        form("", {"token": text(), "token_type_hint": text()}, optional=("token_type_hint",)),
        {"client_id": min(CLIENTS), "token": "at_…"},
        FORM,
    ),
    answer=Answer("It is ended.", {"type": "object"}, {}),
    errors=(401,),
)
OAUTH = (DISCOVERY, DEVICE, TOKENS, REVOKE)
