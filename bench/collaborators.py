"""The collaborators page at 50 and 10,000 people beside Django admin's changelist of the same rows.

Run: .venv/bin/python bench/collaborators.py (after bin/test has made .venv); SQLite, static files as
in production, answers compressed. Prints one line a page with its queries and the median CPU time of
alternating rounds, then the ratios to the targets of page 190 and of the changelist.
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
    "BASE_URL": "http://127.0.0.1:8000",
    "DATA_DIR": tempfile.mkdtemp(prefix="console-bench-"),
    "SECRET_KEY": secrets.token_urlsafe(48),
    "PEPPER": secrets.token_urlsafe(48),
    "ENCRYPTION_KEY": secrets.token_urlsafe(48),
    "LOG_LEVEL": "ERROR",
}

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, override_settings  # noqa: E402

from accounts.models import Membership, Organization, User  # noqa: E402
from console.web.staff_factor import PUT_OFF  # noqa: E402
from projects.models import Collaborator, Project  # noqa: E402
from tests.support.sessions import force_tracked_login  # noqa: E402

ROUNDS = 40
PEOPLE = 10_000
CHANGELIST = "admin changelist, same 50 rows"
PAGE = "/settings/projects/{}/collaborators/"
GZIP = {"accept-encoding": "gzip"}


def fill(project: Project, organization: Organization, people: int) -> None:
    """Adds `people` members of `organization`, all listed in `project`."""
    start = User.objects.count()
    users = User.objects.bulk_create(
        User(
            email=f"person{start + n}@northwind.example",
            name=f"Person {start + n}",
            home_organization=organization,
        )
        for n in range(people)
    )
    members = Membership.objects.bulk_create(
        Membership(user=user, organization=organization, role="member") for user in users
    )
    Collaborator.objects.bulk_create(
        Collaborator(user=user, project=project, membership=member)
        for user, member in zip(users, members, strict=True)
    )


def queries(client: Client, address: str) -> int:
    """Queries of one request, the session's and the user's left out."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address, headers=GZIP).status_code == 200
    return len(captured) - 2


def milliseconds(client: Client, address: str) -> float:
    started = time.process_time()
    assert client.get(address, headers=GZIP).status_code == 200
    return (time.process_time() - started) * 1000


def next_of(client: Client, address: str, base: str) -> str:
    """The address of page 190 as the links lead to it: from page 189's *next*."""
    body = client.get(address).content.decode()
    link = next(part for part in body.split('href="')[1:] if 'rel="next"' in part[:600])
    return base + link.split('"')[0].replace("&amp;", "&")


def sign_in_staff() -> Client:
    """Signs in support staff without a second factor."""
    staff = Client()
    force_tracked_login(staff, User.objects.get(email="support@console.example"))
    session = staff.session
    session[PUT_OFF] = True
    session.save()
    return staff


def main() -> int:
    call_command("migrate", verbosity=0)
    call_command("createcachetable", database="cache")
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("seed_demo", stderr=open(os.devnull, "w"))
    organization = Organization.objects.get(slug="northwind")
    small, large = Project.objects.get(slug="production"), Project.objects.get(slug="ml-research")
    fill(small, organization, 49)
    fill(large, organization, PEOPLE)
    connection.cursor().execute("ANALYZE")
    client = Client()
    force_tracked_login(client, User.objects.get(email="owner@northwind.example"))
    base = PAGE.format("ml-research")
    pages = {
        "50 people, page 1": PAGE.format("production"),
        "10,000 people, page 1": base,
        "10,000 people, page 190 by link": next_of(client, f"{base}?page=189", base),
        "10,000 people, page 190 typed": f"{base}?page=190",
        CHANGELIST: "/admin/projects/collaborator/",
        "admin users, 10,000, 100 rows": "/admin/accounts/user/",
    }
    staff = sign_in_staff()
    who = {name: staff if "admin" in name else client for name in pages}
    times: dict[str, list[float]] = {name: [] for name in pages}
    for _ in range(ROUNDS):
        for name, address in pages.items():
            times[name].append(milliseconds(who[name], address))
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    for name, address in pages.items():
        print(f"{name:34} {queries(who[name], address):3} queries {medians[name]:8.2f} ms CPU")
    first = medians["10,000 people, page 1"]
    ratio = medians["10,000 people, page 190 by link"] / first
    typed = medians["10,000 people, page 190 typed"] / first
    print(f"page 190 / page 1: {ratio:.2f} by link, {typed:.2f} typed (target 1.15)")
    speed = medians[CHANGELIST] / first
    print(f"admin changelist / page 1: {speed:.2f} (target 4)")
    return 0 if ratio <= 1.15 and speed >= 4 else 1


if __name__ == "__main__":
    with override_settings(ROOT_URLCONF="admin_urls", ALLOWED_HOSTS=["testserver"]):
        sys.exit(main())
