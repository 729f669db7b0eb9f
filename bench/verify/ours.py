"""Fills a database of the console with keys and prints, as JSON, what the clients ask about.

Run once for each database, in production's settings; also counts the queries of each kind of request.
"""

import json
import os
import sys
from functools import partial
from typing import Any

import django

os.environ["LOG_LEVEL"] = "ERROR"
django.setup()

import datetime as dt  # noqa: E402

from django.db import connection, transaction  # noqa: E402
from django.test.utils import override_settings  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.actors import Actor  # noqa: E402
from accounts.models import User  # noqa: E402
from accounts.organizations.services.organizations import add_owner, create_ownerless_organization  # noqa: E402
from console.operations.preparation import migrate  # noqa: E402
from keys.credentials.services import create_credential  # noqa: E402
from keys.formats import Prefix, new_secret  # noqa: E402
from keys.models import ApiKey, KeySecret  # noqa: E402
from projects.models import Project  # noqa: E402
from tests.keys.helpers.gateway_client import auth, queries_of, verify  # noqa: E402

ORGANIZATIONS, PROJECTS = 50, 10
BATCH = 2_000
JUNK = 25_000  # more than a worker remembers of misses
SOME = 1_000
DAY = dt.timedelta(days=1)


def make_projects() -> list[Project]:
    """Those of all organizations, as an Owner would have made them."""
    projects = []
    for n in range(ORGANIZATIONS):
        with transaction.atomic():
            organization = create_ownerless_organization(f"Bench {n}")
            owner = User(email=f"owner{n}@bench.example", home_organization=organization)
            owner.save()
            add_owner(organization, Actor.of_user(owner))
            organization.project_limit = PROJECTS + 1
            organization.save(update_fields=["project_limit"])
        projects += [
            Project(organization=organization, name=f"project {m}", slug=f"bench-{n}-{m}")
            for m in range(PROJECTS)
        ]
    return Project.objects.bulk_create(projects, batch_size=BATCH)


def make_keys(projects: list[Project], what: str, number: int, **state: Any) -> list[str]:
    """That many keys called `what`, spread over the projects, and their secrets."""
    keys = [
        ApiKey(
            project=projects[n % len(projects)],
            name=f"{what} {n}",
            created_at=timezone.now() - 2 * DAY,
            **state,
        )
        for n in range(number)
    ]
    ApiKey.objects.bulk_create(keys, batch_size=BATCH)
    texts = [new_secret(Prefix.PROJECT_KEY) for _ in keys]
    rows = [KeySecret(api_key=key, may_read_usage=True) for key in keys]
    for row, text in zip(rows, texts, strict=True):
        row.set_secret(text)
    KeySecret.objects.bulk_create(rows, batch_size=BATCH)
    return texts


def with_typo(text: str) -> str:
    """One character wrong, so that the checksum is."""
    return f"{text[:20]}{'x' if text[20] != 'x' else 'y'}{text[21:]}"


def fill(number: int) -> dict[str, list[str]]:
    """The keys there are then, and some there are not."""
    projects = make_projects()
    keys = {
        "known": make_keys(projects, "known", number),
        "expired": make_keys(projects, "expired", SOME, expires_at=timezone.now() - DAY),
        "revoked": make_keys(projects, "revoked", SOME),
        "unknown": [new_secret(Prefix.PROJECT_KEY) for _ in range(JUNK)],
    }
    ApiKey.objects.filter(name__startswith="revoked ").update(revoked_at=timezone.now())
    return keys | {"malformed": [with_typo(text) for text in keys["known"][:JUNK]]}


def queries(credential: str, keys: dict[str, list[str]]) -> dict[str, int]:
    """How many each kind of request costs, the first one of a worker left out."""
    verify(credential, keys["known"][0])
    cost = {}
    for kind, (key, *_) in keys.items():
        cost[f"verify {kind}"] = queries_of(partial(verify, credential, key))
        cost[f"auth {kind}"] = queries_of(partial(auth, key))
    with override_settings(KEY_CACHE_SECONDS=600):
        known = keys["known"][0]
        auth(known)
        for junk in keys["unknown"]:
            auth(junk)
        cost["remembered, after junk"] = queries_of(partial(auth, known))
    return cost


def main() -> None:
    migrate()
    keys = fill(int(sys.argv[1]))
    credential = create_credential(actor=Actor.without_account("bench"), name="gateway").secret
    connection.cursor().execute("ANALYZE")
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        cost = queries(credential, keys)
    print(json.dumps({"credential": credential, "keys": keys, "queries": cost}))


if __name__ == "__main__":
    main()
