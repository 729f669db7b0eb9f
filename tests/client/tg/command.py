"""The official client's command, as it comes from the package index, in a home of its own."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from accounts.models import User
from console.bootstrap import end_with_parent
from tests.load.server import Server
from tests.support.pages import freshly_signed_in

TG = str(Path(sys.executable).with_name("tg"))
ADDRESS = re.compile(r"https?://\S+/device/approve/\?user_code=[A-Z-]+")
SECONDS = 30


@dataclass(frozen=True)
class Said:
    """What a command printed, and how it ended."""

    code: int
    text: str

    @property
    def told(self) -> Any:
        return json.loads(self.text)


@dataclass(frozen=True)
class Tg:
    """A terminal in which the client is used; nothing of it but its base URL is changed. `more` is
    set in its environment."""

    server: Server
    home: Path
    more: dict[str, str] = field(default_factory=dict)

    @property
    def store(self) -> Path:
        return self.home / "credentials.json"

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return {
            **kept,
            "HOME": str(self.home),
            "COLUMNS": "200",
            "TOGETHER_BASE_URL": self.server.url,
            "TOGETHER_CREDENTIALS_PATH": str(self.store),
            "TOGETHER_TELEMETRY_DISABLED": "1",
            "TOGETHER_DISABLE_VERSION_CHECK": "1",
            "CI": "1",
            **self.more,
            **more,
        }

    def start(self, *words: str, **environment: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [TG, *words],
            env=self.environment(**environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=end_with_parent,  # noqa: PLW1509  (nothing else runs while it starts)
        )

    def run(self, *words: str, **environment: str) -> Said:
        process = self.start(*words, **environment)
        text, _ = process.communicate(timeout=SECONDS)
        return Said(process.returncode, text)

    def asked(self, *words: str, **environment: str) -> Any:
        """What the command tells as JSON; it must succeed."""
        said = self.run(*words, "--json", **environment)
        assert said.code == 0, said.text
        return said.told

    def login(self, user: User, act: str = "approve") -> Said:
        """`tg login`, answered by that person in their browser."""
        process = self.start("login", "--no-browser", "--no-json", "--non-interactive")
        address = address_said_by(process)
        answer = freshly_signed_in(user).post(address)
        assert answer.status_code == 302, answer.content
        text, _ = process.communicate(timeout=SECONDS)
        return Said(process.returncode, text)

    def kept(self) -> dict[str, Any]:
        """The client's own store of tokens, by name."""
        found = json.loads(self.store.read_text())
        return {one["name"]: one for one in found["credentials"]}

    def expire(self, name: str) -> None:
        """Makes the client believe that the token has expired."""
        found = json.loads(self.store.read_text())
        for one in found["credentials"]:
            if one["name"] == name:
                one["expires_at"] = 1
        self.store.write_text(json.dumps(found))


def address_said_by(process: "subprocess.Popen[str]", act: str = "approve") -> str:
    """The path of the page that the command asks to open."""
    assert process.stdout
    for line in process.stdout:
        if found := ADDRESS.search(line):
            parts = urlsplit(found[0])
            return f"/device/{act}/?{parts.query}"
    raise AssertionError(f"it ended with {process.wait(SECONDS)} and named no address")
