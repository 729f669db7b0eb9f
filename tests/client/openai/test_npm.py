"""The npm package `openai`, unmodified, drives the console too. It is installed from its lock file."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.checks.source import ROOT
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.load.server import Server
from tests.support.programs import NODE, NPM
from tests.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]
FOLDER = ROOT / "tests" / "client" / "npm"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("npm")
    shutil.copytree(FOLDER, folder, dirs_exist_ok=True)
    words = [NPM.required(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run(words, cwd=folder, check=True, capture_output=True, timeout=300)
    return folder


def test_its_operations_work(world: World, server: Server, package: Path) -> None:
    ended = subprocess.run(
        [NODE.required(), "story.mjs"],
        cwd=package,
        env={
            "PATH": os.environ["PATH"],
            "CONSOLE_URL": server.url,
            "ADMIN_KEY": issue_admin_key(world.owner, world.organization).secret,
            "API_KEY": world.key_secret,
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert len(set(json.loads(ended.stdout))) >= 30
