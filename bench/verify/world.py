"""Which servers there are for a database, and what each of them is asked."""

import json
import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.verify.load import Question, question
from bench.verify.rounds import Case
from bench.verify.sites import HERE, Postgres, Site, as_django_settings

CACHE_SECONDS = 30
WORKING_SET = 500  # keys in use while they are remembered
KEY_LENGTH = 52
KINDS = ("known", "unknown", "malformed")


@dataclass(frozen=True)
class Peer:
    name: str
    package: str
    scheme: str
    key_length: int


PEERS = (
    Peer("api_key", "djangorestframework-api-key", "Api-Key", 41),
    Peer("knox", "django-rest-knox", "Token", 64),
)


def bare_case() -> Case:
    """The limit: a view that answers a constant, without middleware or database."""
    site = Site("bare", "bench.verify.peers:application", {"PEER": "bare", "DATABASES": "{}"})
    asked = question("GET /", key_length=1, authorization="Bearer {key}")
    return Case("bare Django view", site, asked, ["x"], queries=0)


class Field:
    """One database with our console, strict and remembering, and the peers."""

    def __init__(self, vendor: str, home: Path, postgres: Postgres | None, peers: str) -> None:
        self.vendor, self.postgres, self.home = vendor, postgres, home / vendor
        (self.home / "static").mkdir(parents=True)
        ours = self.ours()
        self.strict = self.site("ours", "console.wsgi:application", ours)
        self.remembering = self.site(
            "ours, remembering",
            "console.wsgi:application",
            ours | {"KEY_CACHE_SECONDS": str(CACHE_SECONDS)},
        )
        self.peers = {}
        for peer in PEERS:
            databases = {"default": as_django_settings(self.address(peer.name))}
            environment = {"PEER": peer.name, "DATABASES": json.dumps(databases)}
            self.peers[peer] = self.site(
                peer.package, "peers:application", environment, python=peers, directory=HERE
            )
        self.found: dict[str, dict[str, Any]] = {}

    def site(self, name: str, application: str, environment: dict[str, str], **more: Any) -> Site:
        database = self.postgres.process if self.postgres else None
        return Site(name, application, environment, database=database, **more)

    def address(self, name: str) -> str:
        if self.postgres:
            return self.postgres.new_database(name)
        return f"sqlite:///{self.home / name}.sqlite3"

    def ours(self) -> dict[str, str]:
        """The environment of a console in production; nothing of the caller's own one reaches it."""
        names = ("SECRET_KEY", "PEPPER", "ENCRYPTION_KEY")
        return {
            "DJANGO_SETTINGS_MODULE": "console.settings",
            "DATA_DIR": str(self.home),
            "DATABASE_URL": self.address("console"),
            "DEMO": "0",
            "BASE_URL": "http://127.0.0.1",
            "EMAIL_URL": "smtp://127.0.0.1",
            **{name: secrets.token_urlsafe(48) for name in names},
        }

    @property
    def sites(self) -> list[Site]:
        return [self.strict, self.remembering, *self.peers.values()]

    def fill(self, number: int) -> None:
        """All databases at once."""
        printing = {"stdout": subprocess.PIPE, "text": True}
        started = {"ours": self.strict.run(["-m", "bench.verify.ours", str(number)], **printing)}
        for peer, site in self.peers.items():
            started[peer.name] = site.run(["peers.py", str(number)], **printing)
        for name, process in started.items():
            printed, _ = process.communicate()
            if process.returncode:
                raise RuntimeError(f"{name} on {self.vendor} could not be filled")
            self.found[name] = json.loads(printed)
        if self.postgres:
            for database in ("console", *(peer.name for peer in PEERS)):
                self.postgres.execute("VACUUM ANALYZE", database)
            self.postgres.execute("CHECKPOINT")

    def cases(self) -> list[Case]:
        kept = {"site": self.remembering, "warm": 0.75}
        return [
            *(ask(kind) for ask in (self.verify, self.auth) for kind in KINDS),
            self.verify("known", name="verify remembered", **kept),
            self.auth("known", name="auth remembered", **kept),
            *(self.of_peer(peer) for peer in PEERS),
        ]

    def verify(self, kind: str, **more: Any) -> Case:
        asked = question(
            "POST /v1/keys/verify",
            key_length=KEY_LENGTH,
            authorization=f"Bearer {self.found['ours']['credential']}",
            body='{"key": "{key}"}',
        )
        return self.case("verify", kind, asked, **more)

    def auth(self, kind: str, **more: Any) -> Case:
        status = 200 if kind == "known" else 401
        asked = question(
            "GET /v1/auth", status=status, key_length=KEY_LENGTH, authorization="Bearer {key}"
        )
        return self.case("auth", kind, asked, **more)

    def case(self, route: str, kind: str, asked: Question, **more: Any) -> Case:
        ours = self.found["ours"]
        name, keys = f"{route} {kind}", ours["keys"][kind]
        given = {"name": name, "site": self.strict, "queries": ours["queries"][name], **more}
        if given["site"] is self.remembering:
            given["queries"], keys = ours["queries"]["remembered, after junk"], keys[:WORKING_SET]
        else:
            given["notes_uses"] = kind == "known"
        return Case(question=asked, keys=keys, **given)

    def of_peer(self, peer: Peer) -> Case:
        found = self.found[peer.name]
        asked = question(
            "GET /", key_length=peer.key_length, authorization=f"{peer.scheme} {{key}}"
        )
        return Case(peer.package, self.peers[peer], asked, found["keys"], found["queries"])
