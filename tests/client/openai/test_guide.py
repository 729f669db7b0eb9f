"""The program of docs/automate.md runs as it is printed there."""

import os
import re
import subprocess
import sys
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import Invitation
from keys.models import ApiKey
from tests.checks.source import ROOT
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.api_client import call
from tests.load.server import Server
from tests.usage.helpers.factories import used
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_program_of_the_guide_runs(world: World, server: Server) -> None:
    used(world.key, timezone.now().date(), quantity=1_000_000)
    (program,) = re.findall(
        r"```python\n(.*?)```", (ROOT / "docs/automate.md").read_text(), re.DOTALL
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env={
            "PATH": os.environ["PATH"],
            "CONSOLE_URL": server.url,
            "ADMIN_KEY": issue_admin_key(world.owner, world.organization).secret,
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    printed = dict(line.split(": ", 1) for line in ended.stdout.splitlines())
    key = ApiKey.objects.get(project__name="Search")
    assert call("/v1/auth", printed["API key of the gateway"])["X-Api-Key-Id"] == key.public_id
    assert printed["Invited"] == "ada@example.com pending"
    assert Invitation.objects.filter(email="ada@example.com").exists()
    assert Decimal(printed["Cost"].split()[-1]) == Decimal("0.88")
    assert ended.stdout.count("Member: ") == world.organization.memberships.count()
