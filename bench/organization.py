"""10,000 members, 2,000 projects, 2,000 API keys and a million audit events beside a small organization.

Run: .venv/bin/python bench/organization.py [EVENTS]; SQLite, or PostgreSQL with DATABASE_URL.
Prints queries and the median of alternating rounds of every page for both, and the ratio to the
target: constant queries, at most 10, and large ≤ 1.5 × small.
"""

import os
import secrets
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "console.settings",
    "DEMO": "1",
    "DATA_DIR": tempfile.mkdtemp(prefix="console-bench-"),
    "SECRET_KEY": secrets.token_urlsafe(48),
    "PEPPER": secrets.token_urlsafe(48),
    "ENCRYPTION_KEY": secrets.token_urlsafe(48),
    "LOG_LEVEL": "ERROR",
}

import django

django.setup()

import datetime as dt  # noqa: E402

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, override_settings  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.enums import Action  # noqa: E402
from accounts.models import AuditChain, AuditEvent, Membership, Organization, User  # noqa: E402
from keys.formats import Prefix, new_secret  # noqa: E402
from keys.models import ApiKey, KeySecret  # noqa: E402
from projects.models import Collaborator, Project  # noqa: E402
from tests.support.sessions import force_tracked_login  # noqa: E402

ROUNDS = 15
LARGE = {"people": 10_000, "projects": 2_000, "keys": 2_000, "events": 1_000_000}
SMALL = {"people": 20, "projects": 5, "keys": 10, "events": 100}
HERE = "/settings/organization/{}/"
PAGES = {
    "overview": "",
    "members": "members/",
    "members, by name": "members/?sort=name",
    "members, by last active": "members/?sort=-active",
    "members, filtered": "members/?q=person1",
    "members, last page": "members/?page=200",
    "invite member": "members/invite/",
    "projects": "projects/",
    "projects, filtered": "projects/?q=bench",
    "new project": "projects/new/",
    "settings": "general/",
    "API keys": "api-keys/",
    "API keys, by name": "api-keys/?sort=name",
    "API keys, unused": "api-keys/?look=unused-30",
    "API keys, creator gone": "api-keys/?look=creator-gone",
    "API keys, last page": "api-keys/?page=40",
    "key policy": "api-keys/policy/",
    "audit log": "audit-log/",
    "audit log, deep": "audit-log/?before={half}",
    "audit log, by act": "audit-log/?act=member.joined",
    "audit log, by actor": "audit-log/?actor={actor}",
    "audit log, by target": "audit-log/?target={target}",
    "audit log, a day": "audit-log/?since={day}&until={day}",
    "audit log, rare text": "audit-log/?q=no-such-text",
}
ELSEWHERE = {"search": "/search/?q=person1", "organizations": "/organizations/"}


def fill(organization: Organization, *, people: int, projects: int, keys: int, events: int) -> None:
    """Rows as the services would have left them; the hashes of the events aside."""
    users = User.objects.bulk_create(
        [
            User(
                email=f"person{n}@{organization.slug}.example",
                name=f"Person {n}",
                home_organization=organization,
            )
            for n in range(people)
        ],
        batch_size=2000,
    )
    members = Membership.objects.bulk_create(
        [Membership(user=user, organization=organization, role="member") for user in users],
        batch_size=2000,
    )
    made = [
        Project(organization=organization, name=f"bench {n}", slug=f"{organization.slug}-bench-{n}")
        for n in range(projects)
    ]
    made = Project.objects.bulk_create(made, batch_size=500)
    Collaborator.objects.bulk_create(
        [
            Collaborator(project=made[n % projects], user=one.user, membership=one)
            for n, one in enumerate(members)
        ],
        batch_size=2000,
    )
    fill_keys(made, users, keys)
    fill_audit_log(organization, users, events)


def fill_keys(projects: list[Project], users: list[User], number: int) -> None:
    """Made over 400 days, two of three without an end, last used over 200 days, a few never."""
    now, day = timezone.now(), dt.timedelta(days=1)
    keys = ApiKey.objects.bulk_create(
        ApiKey(
            project=projects[n % len(projects)],
            name=f"key {n}",
            created_by=users[n % len(users)],
            created_at=now - (200 + n % 200) * day,
            expires_at=None if n % 3 else now + (1 + n % 60) * day,
        )
        for n in range(number)
    )
    secrets_of = [
        KeySecret(
            api_key=key,
            created_at=key.created_at,
            last_used_at=now - (n * 13 % 200) * day if n % 5 else None,
            may_read_usage=True,
        )
        for n, key in enumerate(keys)
    ]
    for one in secrets_of:
        one.set_secret(new_secret(Prefix.PROJECT_KEY))
    KeySecret.objects.bulk_create(secrets_of)


def fill_audit_log(organization: Organization, users: list[User], events: int) -> None:
    chain = AuditChain.objects.get(organization=organization)
    now, acts, start = timezone.now(), Action.values, chain.length
    for begin in range(0, events, 20_000):
        AuditEvent.objects.bulk_create(
            [
                AuditEvent(
                    chain=chain,
                    sequence=start + 1 + n,
                    hash="0" * 64,
                    organization=organization,
                    act=acts[n % len(acts)],
                    actor=users[n % len(users)],
                    actor_label=users[n % len(users)].email,
                    target_id=users[(n * 7) % len(users)].public_id,
                    target_label=users[(n * 7) % len(users)].email,
                    after={"number": n},
                    at=now - dt.timedelta(minutes=(events - n) % 500_000),
                )
                for n in range(begin, min(begin + 20_000, events))
            ],
            batch_size=1000,
        )
    AuditChain.objects.filter(pk=chain.pk).update(length=start + events, head="0" * 64)


def addresses(organization: Organization) -> dict[str, str]:
    person = organization.memberships.filter(role="member").latest("pk").user
    known = {
        "half": organization.audit_chain.length // 2,
        "actor": person.email,
        "target": person.public_id,
        "day": (timezone.now() - dt.timedelta(days=1)).date(),
    }
    base = HERE.format(organization.slug)
    return {name: base + page.format(**known) for name, page in PAGES.items()} | ELSEWHERE


def signed_in(organization: Organization) -> Client:
    client = Client()
    force_tracked_login(client, organization.memberships.owner().user)
    return client


def milliseconds(client: Client, address: str) -> float:
    started = time.perf_counter()
    assert client.get(address).status_code == 200, address
    return (time.perf_counter() - started) * 1000


def queries(client: Client, address: str) -> int:
    """Queries of one request, the session's and the user's left out."""
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    return len(captured) - 2


def main() -> int:
    large = {**LARGE, "events": int(sys.argv[1])} if len(sys.argv) > 1 else LARGE
    call_command("migrate", verbosity=0)
    call_command(
        "createcachetable", database="default" if os.environ.get("DATABASE_URL") else "cache"
    )
    call_command("seed_demo", stderr=open(os.devnull, "w"))
    sizes = {"contoso": SMALL, "northwind": large}
    for slug, size in sizes.items():
        Organization.objects.filter(slug=slug).update(project_limit=10_000)
        fill(Organization.objects.get(slug=slug), **size)
    connection.cursor().execute("ANALYZE")
    organizations = [Organization.objects.get(slug=slug) for slug in sizes]
    clients = [signed_in(one) for one in organizations]
    places = [addresses(one) for one in organizations]
    print(f"{'page':26} {'small':>16} {'large':>16} {'ratio':>6}")
    failed = 0
    for name in places[0]:
        times: list[list[float]] = [[], []]
        for _ in range(ROUNDS):
            for taken, client, place in zip(times, clients, places, strict=True):
                taken.append(milliseconds(client, place[name]))
        medians = [statistics.median(taken) for taken in times]
        counts = [queries(c, p[name]) for c, p in zip(clients, places, strict=True)]
        ratio = medians[1] / medians[0]
        good = ratio <= 1.5 and max(counts) <= 10
        failed += not good
        shown = "".join(f"{n:4} q {ms:7.2f} ms" for n, ms in zip(counts, medians, strict=True))
        print(f"{name:26} {shown} {ratio:6.2f} {'' if good else 'MISSED'}")
    return 1 if failed else 0


if __name__ == "__main__":
    static = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    with override_settings(STORAGES=static, ALLOWED_HOSTS=["testserver"]):
        sys.exit(main())
