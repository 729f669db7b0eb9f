"""A backup with second factors is restored: the same codes work, unless ENCRYPTION_KEY was lost."""

import json
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.db import connection

from tests.faults.console import Console
from tests.faults.postgres import Postgres, programs

PASSWORD = "a rather long first password"
PREPARE = f"""
import json
from accounts.actors import Actor
from accounts.factors.services import add_authenticator_app
from accounts.models import User
from allauth.mfa.totp.internal.auth import generate_totp_secret
user = User.objects.get()
user.set_password({PASSWORD!r})
user.save(update_fields=["password"])
secret = generate_totp_secret()
added = add_authenticator_app(
    actor=Actor.of_user(user), name="Phone", secret=secret, code=""
)
print(json.dumps([user.email, secret, added.codes]))
"""
SIGN_IN = f"""
import json
from html import unescape
from django.conf import settings
from django.test import Client
from tests.support.factors import code_of
email, secret, codes = json.loads(GIVEN)
for code in (code_of(secret), codes[0]):
    browser = Client(HTTP_HOST=settings.BASE_URL.removeprefix("http://"))
    form = {{"login": email, "password": {PASSWORD!r}}}
    step = browser.post("/accounts/login/", form)["Location"]
    answer = browser.post(step, {{"code": code}})
    print(answer.status_code, browser.get("/accounts/security/").status_code)
    print("can't check codes" in unescape(answer.content.decode()))
"""


@contextmanager
def originals(directory: Path) -> Iterator[tuple[str, Callable[[str], str]]]:
    """The DATABASE_URL of an empty database, and a function that copies it as operating.md says."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{directory / 'original.sqlite3'}", copy_sqlite
        return
    server = Postgres()
    try:
        yield server.url, lambda name: copy_postgresql(server, directory, name)
    finally:
        server.remove()


def copy_sqlite(url: str) -> str:
    """Backs the file up and restores it under another name; returns its DATABASE_URL."""
    path = Path(url.removeprefix("sqlite:///"))
    restored = path.with_name("restored.sqlite3")
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(restored)) as target:
        source.backup(target)
    return f"sqlite:///{restored}"


def copy_postgresql(server: Postgres, directory: Path, url: str) -> str:
    dump = directory / "backup.dump"
    tools = programs() / "bin"
    words: list[Any] = [tools / "pg_dump", "--format=custom", f"--file={dump}", url]
    subprocess.run(words, check=True)
    server.query("CREATE DATABASE restored", database="postgres")
    restored = url.replace("/console", "/restored")
    subprocess.run([tools / "pg_restore", "--no-owner", f"--dbname={restored}", dump], check=True)
    return restored


def sign_in(console: Console, given: str) -> list[str]:
    """The statuses of a code and of the page after it, and whether it said that none can be checked."""
    return console.shell(f"GIVEN = {given!r}\n{SIGN_IN}").splitlines()[-4:]


def test_the_same_codes_work_after_a_restore(tmp_path: Path) -> None:
    with originals(tmp_path) as (url, copy):
        original = Console(tmp_path, DATABASE_URL=url)
        original.manage("prepare")
        original.manage("create_organization", "Acme", "owner@acme.example")
        given = original.shell(PREPARE).splitlines()[-1]
        assert json.loads(given)[0] == "owner@acme.example"
        database = {"DATABASE_URL": copy(url)}
        other_key = {"ENCRYPTION_KEY": "another one than that which encrypted the factors"}
        assert sign_in(Console(tmp_path, **database, **other_key), given) == ["422 302", "True"] * 2
        assert sign_in(Console(tmp_path, **database), given) == ["302 200", "False"] * 2
