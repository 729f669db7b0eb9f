"""Examples of calls: curl on the command line, and Python with the official client where it has a method."""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from accounts.web.api.operations import FORM, JSON
from console.api.reference.client import CLIENT_METHODS

VARIABLES = {
    "apiKey": "API_KEY",
    "serviceCredential": "CREDENTIAL",
    "terminal": "TOKEN",
    "personalToken": "TOKEN",
    "adminKey": "ADMIN_KEY",
    "serviceAccount": "TOKEN",
}
PATH_PARAMETER = re.compile(r"{(\w+)}")
EXAMPLE_ORGANIZATION = "org_CcS5SPcryXjwIvhUhblU"
EXAMPLE_PROJECT = "proj_cXkeYTh7DfxpsGrk6nra"
PATH_EXAMPLES = {
    "project_id": EXAMPLE_PROJECT,
    "user_id": "user_5pTqYb0wZr3KfLh8NcXe",
    "key_id": "key_vnC7r4WnjSde9KMrZBXu",
}


@dataclass(frozen=True)
class Sample:
    """A request with the examples of the document as values."""

    path: str
    method: str
    operation: dict[str, Any]

    @cached_property
    def parameters(self) -> dict[str, str]:
        """Examples for the parts of the path; an id that is not a usual one is that of the answer."""
        answer_id = self.answer.get("id", "…") if isinstance(self.answer, dict) else "…"
        return {
            name: PATH_EXAMPLES.get(name, answer_id) for name in PATH_PARAMETER.findall(self.path)
        }

    @property
    def answer(self) -> Any:
        content = self.operation["responses"]["200"].get("content", {})
        return next((part.get("example") for part in content.values()), None)

    @property
    def url(self) -> str:
        path = self.path.format(**self.parameters)
        return f"{settings.BASE_URL}{path}{f'?{urlencode(self.query)}' if self.query else ''}"

    @cached_property
    def query(self) -> dict[str, Any]:
        """The parameters that have to be there."""
        return {
            parameter["name"]: parameter["schema"].get("examples", ["…"])[0]
            for parameter in self.operation.get("parameters", [])
            if parameter["in"] == "query" and parameter.get("required")
        }

    @property
    def headers(self) -> list[str]:
        parameters = self.operation.get("parameters", [])
        return [parameter["name"] for parameter in parameters if parameter["in"] == "header"]

    @property
    def content_type(self) -> str:
        return next(iter(self.operation.get("requestBody", {}).get("content", {})), "")

    @property
    def body(self) -> Any:
        """The example of the body, None without one."""
        content = self.operation.get("requestBody", {}).get("content", {})
        return content[self.content_type]["example"] if content else None

    @property
    def variable(self) -> str:
        """The variable of the environment that holds the credential, empty if there is none."""
        security = self.operation["security"]
        return VARIABLES[next(iter(security[0]))] if security else ""


def format_json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def format_curl(sample: Sample) -> str:
    """Returns a curl command that sends it, with the credential in a variable of the shell."""
    url = f'"{sample.url}"' if "?" in sample.url else sample.url
    lines = [f"curl {url}"]
    if sample.method not in ("get", "post"):
        lines.append(f"-X {sample.method.upper()}")
    if sample.variable:
        lines.append(f'-H "Authorization: Bearer ${sample.variable}"')
    lines += [f'-H "{name}: …"' for name in sample.headers]
    if sample.content_type == FORM:
        lines += [f"-d {urlencode({name: value})}" for name, value in sample.body.items()]
    elif sample.content_type:
        lines.append(f'-H "Content-Type: {sample.content_type}"')
        lines.append(f"-d '{json.dumps(sample.body, ensure_ascii=False)}'")
    elif sample.method == "post":
        lines.append("-X POST")
    return " \\\n    ".join(lines)


def format_python(sample: Sample) -> str:
    """Returns a program that sends it, by the official client or else by httpx."""
    client_method = CLIENT_METHODS.get(sample.operation["operationId"])
    return format_client_call(sample, client_method) if client_method else format_httpx(sample)


def format_client_call(sample: Sample, client_method: str) -> str:
    *rest, last = [*sample.parameters.items()] or [("", "")]
    arguments = [repr(last[1])] if last[0] else []
    named = {**dict(rest), **sample.query, **(sample.body or {})}
    arguments += [f"{name}={value!r}" for name, value in named.items()]
    return "\n".join(
        [
            "import os",
            "",
            "from openai import OpenAI",
            "",
            f'client = OpenAI(base_url="{settings.BASE_URL}/v1", admin_api_key=os.environ["ADMIN_KEY"])',
            format_call(f"answer = client.admin.organization.{client_method}", arguments),
            "print(answer)",
        ]
    )


def format_httpx(sample: Sample) -> str:
    arguments = [repr(sample.url)]
    headers = {name: repr("…") for name in sample.headers}
    if sample.variable:
        headers["Authorization"] = f"f\"Bearer {{os.environ['{sample.variable}']}}\""
    if headers:
        values = ", ".join(f"{name!r}: {value}" for name, value in headers.items())
        arguments.append(f"headers={{{values}}}")
    if sample.content_type:
        arguments.append(f"{'data' if sample.content_type == FORM else 'json'}={sample.body!r}")
    imports = ["import os", ""] if sample.variable else []
    call = format_call(f"answer = httpx.{sample.method}", arguments)
    content = "answer.json()" if JSON in str(sample.operation["responses"]["200"]) else "answer"
    return "\n".join([*imports, "import httpx", "", call, f"print({content})"])


def format_call(function: str, arguments: list[str]) -> str:
    """Returns the call, with each argument on a line of its own if there are several."""
    if len(arguments) < 2:
        return f"{function}({''.join(arguments)})"
    return "\n".join([f"{function}(", *(f"    {argument}," for argument in arguments), ")"])
