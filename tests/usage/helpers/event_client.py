"""Posts usage as a metering pipe does."""

import datetime as dt
import json
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.actors import Actor
from keys.credentials.services import create_credential
from tests.support.openapi_contract import documented
from tests.world import World

EVENTS, CORRECTIONS = "/v1/usage/events", "/v1/usage/corrections"


def pipe(world: World, name: str = "metering") -> str:
    """The secret of a service credential."""
    return create_credential(actor=Actor.of_user(world.staff), name=name).secret


def event(world: World, **given: Any) -> dict[str, Any]:
    """An event of the world's key: 1,000 output tokens now. `None` leaves a field out."""
    fields = {
        "id": "req-1:output",
        "time": rfc_3339(timezone.now()),
        "product": "serverless-inference",
        "line_item": "output_tokens",
        "quantity": "1000",
        "unit": "token",
        "api_key_id": world.key.public_id,
        "dimensions": {"model": "llama-3.3-70b"},
        **given,
    }
    return {name: value for name, value in fields.items() if value is not None}


def of_user(world: World, **given: Any) -> dict[str, Any]:
    return event(world, api_key_id=None, **given)


def rfc_3339(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def post(secret: str, body: object, address: str = EVENTS, **headers: Any) -> Any:
    """The answer to that JSON body (bytes are sent as they are)."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = Client().post(
        address,
        raw,
        content_type=headers.pop("content_type", "application/json"),
        headers={"Authorization": f"Bearer {secret}", **headers},
    )
    return documented(answer)


def results(secret: str, *events: dict[str, Any]) -> list[dict[str, Any]]:
    answer = post(secret, {"events": list(events)})
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def corrected(secret: str, *corrections: dict[str, Any]) -> list[dict[str, Any]]:
    answer = post(secret, {"corrections": list(corrections)}, CORRECTIONS)
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["results"]
    return found
