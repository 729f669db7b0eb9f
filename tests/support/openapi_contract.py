"""Holds answers of the API against what its OpenAPI document says of them."""

from typing import Any

import jsonschema_rs

from console.api.document import CONVERTER, document


def documented(answer: Any) -> Any:
    """The answer, once it is one that the document knows: status, headers, type, content."""
    request = answer.wsgi_request
    methods = document()["paths"].get(path_of(request))
    if methods is None:
        assert answer.status_code in (404, 400, 413), (request.path, answer.status_code)
        return answer
    method = "get" if request.method == "HEAD" else request.method.lower()
    if method not in methods:
        assert answer.status_code == 405, (request.method, request.path, answer.status_code)
        return answer
    if answer.status_code == 304:
        return answer
    told = methods[method]["responses"].get(str(answer.status_code))
    assert told is not None, f"{request.path} says nothing of {answer.status_code}"
    for name, header in told["headers"].items():
        assert not header.get("required") or name in answer.headers, (request.path, name)
    if request.method != "HEAD":
        hold_against(told.get("content"), answer)
    return answer


def path_of(request: Any) -> str:
    """The path of the request as the document writes it: `/v1/projects/{reference}`."""
    match = request.resolver_match
    return "/" + CONVERTER.sub(r"{\1}", match.route) if match else request.path


def hold_against(content: dict[str, Any] | None, answer: Any) -> None:
    if content is None:
        assert answer.content == b""
        return
    kind = answer["Content-Type"].partition(";")[0]
    assert kind in content, kind
    schema = {**content[kind]["schema"], "components": document()["components"]}
    jsonschema_rs.validate(schema, answer.json(), validate_formats=True)
