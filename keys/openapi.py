"""What the API says of credentials, and what gateways and terminals ask, for the OpenAPI document."""

from accounts.web.openapi import (
    CURSOR,
    ID,
    Answer,
    Body,
    Description,
    Operation,
    Parameter,
    Schema,
    each,
    nullable,
    obj,
    ref,
    text,
    whole,
)
from keys.enums import CallerKind, Code
from keys.terminals.openapi import OAUTH, OAUTH_SCHEMAS

CALLERS = ("apiKey", "terminal", "personalToken")
KEY, ORGANIZATION = "key_vnC7r4WnjSde9KMrZBXu", "org_CcS5SPcryXjwIvhUhblU"
PROJECT, USER = "proj_cXkeYTh7DfxpsGrk6nra", "user_5pTqYb0wZr3KfLh8NcXe"
KEY_ID = text(pattern=ID.format("key"))
PROJECT_ID = text(pattern=ID.format("proj"))
ORGANIZATION_ID = text(pattern=ID.format("org"))
USER_ID = text(pattern=ID.format("user"))
SLUG = text("The project in addresses of the console.")

PARTS: dict[str, Schema] = {
    "api_key": obj({"id": KEY_ID}),
    "user": obj({"id": USER_ID}),
    "organization": obj({"id": ORGANIZATION_ID, "name": text()}),
    "project": obj({"id": PROJECT_ID, "name": text(), "slug": SLUG}),
}


def caller(kind: CallerKind, about: str, *parts: str) -> Schema:
    told = {"type": {"const": kind.value}, **{part: PARTS[part] for part in parts}}
    return obj(told, about=about)


LISTED = {
    "id": PROJECT_ID,
    "name": text(),
    "slug": SLUG,
    "organization_id": ORGANIZATION_ID,
    "organization_name": text(),
}
FLAT = {
    "api_key_id": KEY_ID,
    "organization_id": ORGANIZATION_ID,
    "organization_name": text(),
    "project_id": PROJECT_ID,
    "project_name": text(),
    "project_slug": SLUG,
}
GOOD_KEY: dict[str, Schema] = {
    "valid": {"const": True},
    "code": {"const": Code.VALID.value},
    "key_id": KEY_ID,
    "key_name": text(),
    "project_id": PROJECT_ID,
    "project_slug": SLUG,
    "organization_id": ORGANIZATION_ID,
    "expires_at": nullable(text("Null for a key without an end.", format="date-time")),
}
CODES = [code.value for code in Code if code is not Code.VALID]
SCHEMAS: dict[str, Schema] = {
    "Caller": {
        "oneOf": [
            caller(
                CallerKind.KEY,
                "An API key of a project; the Organization Default Key is one of the Default Project.",
                *("api_key", "organization", "project"),
            ),
            caller(CallerKind.LOGIN, "The login of a terminal.", "user"),
            caller(
                CallerKind.ORGANIZATION,
                "A personal access token for an organization.",
                *("user", "organization"),
            ),
            caller(
                CallerKind.SCOPED,
                "A terminal's token for one project, or a personal access token for one.",
                *("user", "organization", "project"),
            ),
        ]
    },
    "FlatCaller": obj(FLAT),
    "Project": obj(LISTED),
    "ProjectList": obj(
        {"object": {"const": "list"}, "data": each(ref("Project")), "next_cursor": CURSOR}
    ),
    "Verdict": {
        "oneOf": [
            obj(GOOD_KEY, about="The key is good."),
            obj(
                {"valid": {"const": False}, "code": text(enum=CODES)},
                about="It is not; more codes may come, take one you do not know for a refusal.",
            ),
        ]
    },
    "FoundSecret": {
        "type": "object",
        "description": "A secret that a scanner found. An entry without a token is passed over.",
        "properties": {name: text() for name in ("token", "type", "url", "source")},
        "required": ["token"],
    },
    "Feedback": obj(
        {
            "token_hash": text("SHA-256 of the token, in hexadecimal.", pattern="^[0-9a-f]{64}$"),
            "token_type": text("As it was sent."),
            "label": text(enum=["true_positive", "false_positive"]),
        }
    ),
}

WHOAMI = Operation(
    route="api_whoami",
    method="get",
    group="Identity",
    title="Whom a credential stands for",
    text="`type` says what kind of credential it is; the other members are whose.",
    credentials=CALLERS,
    answer=Answer(
        "The owner of the credential.",
        ref("Caller"),
        {
            "type": "project_api_key",
            "api_key": {"id": KEY},
            "organization": {"id": ORGANIZATION, "name": "Northwind Labs"},
            "project": {"id": PROJECT, "name": "ML research", "slug": "ml-research"},
        },
    ),
    errors=(401,),
    limited=True,
)
WHOAMI_FLAT = Operation(
    route="api_whoami_flat",
    method="get",
    group="Identity",
    title="The same, for older clients",
    text="For API keys alone; a terminal's token is refused with 403.",
    credentials=CALLERS,
    answer=Answer(
        "The owner of the key.",
        ref("FlatCaller"),
        {
            "api_key_id": KEY,
            "organization_id": ORGANIZATION,
            "organization_name": "Northwind Labs",
            "project_id": PROJECT,
            "project_name": "ML research",
            "project_slug": "ml-research",
        },
    ),
    errors=(401, 403),
    limited=True,
)
PROJECTS = Operation(
    route="api_projects",
    method="get",
    group="Projects",
    title="List projects",
    text="Of a key or project token its own project; of a login every project its person can use, by name.",
    credentials=CALLERS,
    parameters=(
        Parameter("limit", "How many a page has.", whole("", 1, 100, default=20)),
        Parameter("after", "The `next_cursor` of the page before.", text(minLength=1)),
    ),
    answer=Answer(
        "One page.",
        ref("ProjectList"),
        {
            "object": "list",
            "data": [
                {
                    "id": PROJECT,
                    "name": "ML research",
                    "slug": "ml-research",
                    "organization_id": ORGANIZATION,
                    "organization_name": "Northwind Labs",
                }
            ],
            "next_cursor": None,
        },
    ),
    errors=(401, 422),
    limited=True,
)
VERIFY = Operation(
    route="api_verify",
    method="post",
    group="Gateways",
    title="Verify a key",
    text="For the platform's own programs. With a good service credential it is always 200, whatever the "
    "key is worth. Not limited.",
    credentials=("serviceCredential",),
    body=Body(obj({"key": text("The API key.")}) | {"additionalProperties": True}, {"key": "pk_…"}),
    answer=Answer(
        "What the key is worth now.", ref("Verdict"), {"valid": False, "code": "revoked"}
    ),
    errors=(401, 415, 422),
)
AUTH = Operation(
    route="api_auth",
    method="get",
    group="Gateways",
    title="Forward authentication",
    text="With the client's own key, for a gateway that asks before it passes a request on. Not limited.",
    credentials=("apiKey",),
    answer=Answer(
        "The key is good. The body is empty.",
        headers={
            "X-Organization-Id": "Whose the key is.",
            "X-Project-Id": "Of which project it is.",
            "X-Api-Key-Id": "Which key it is.",
        },
    ),
    errors=(401,),
)
SIGNED = (
    Parameter("Github-Public-Key-Identifier", "Which of the known public keys it was.", text()),
    Parameter("Github-Public-Key-Signature", "ECDSA of the body, as base64.", text()),
)
LEAKS = Operation(
    route="api_leaks",
    method="post",
    group="Gateways",
    title="Report leaked secrets",
    text="In the form of GitHub's secret scanning partners, signed. 404 where the operator has named no "
    "reporters, 503 while their public keys cannot be read.",
    headers=SIGNED,
    body=Body(
        each(ref("FoundSecret"), minItems=1, maxItems=1000),
        [{"token": "pk_…", "type": "console_key", "url": "https://…", "source": "commit"}],
    ),
    answer=Answer(
        "Whether each is one of ours.",
        each(ref("Feedback")),
        [{"token_hash": "9f86d0…", "token_type": "console_key", "label": "false_positive"}],
    ),
    errors=(401, 404, 415, 422),
)

DESCRIPTION = Description(
    (WHOAMI, WHOAMI_FLAT, PROJECTS, VERIFY, AUTH, LEAKS, *OAUTH), {**SCHEMAS, **OAUTH_SCHEMAS}
)
