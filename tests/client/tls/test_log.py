"""The log of the nginx in deploy/nginx: no link that lets somebody in, and the ids of the console's log."""

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from accounts.crypto import masking
from accounts.crypto.masking import mask_secrets
from accounts.models import FactorReset
from accounts.models.invitation import Link
from accounts.support.services.factor_resets import build_cancel_url
from accounts.unsubscribe import build_unsubscribe_url
from keys.formats import Prefix, new_secret
from tests.client.tls.nginx import CONFIGURATION, fronting
from tests.client.tls.test_tls import HOST, outside, server
from tests.load.server import Server
from tests.world import World

__all__ = ["outside", "server"]
RESET_LINK = "/accounts/password/reset/key/1-c0ffee-0123456789abcdef0123456789abcdef/"
OPEN = [
    "/",
    "/accounts/login/?next=/roles/",
    "/settings/projects/ml-research/",
    "/v1/projects?limit=5",
]


def nginx_pattern() -> re.Pattern[str]:
    """The expression of the map that shortens what nginx logs."""
    (pattern,) = re.findall(
        r'^    "~(\^.*)" "\$console_head\.\.\.";$', CONFIGURATION.read_text(), re.MULTILINE
    )
    return re.compile(pattern.replace("?<", "?P<", 1))


def secret_links(world: World) -> list[str]:
    invitation = world.invitation
    tokens = [invitation.token(link) for link in Link]
    tokens += [new_secret(prefix) for prefix in Prefix]
    escaped = [token.replace("_", "%5F", 1) for token in tokens]
    unsubscribing = build_unsubscribe_url(world.owner, "key_ending").partition("//")[2]
    canceling = build_cancel_url(FactorReset(public_id="reset_AbcdefghijklmnopqrsT"))
    return [
        *(f"/invitations/{token}/accept/" for token in [*tokens, *escaped]),
        *(f"/accounts/signup/?a=b&invitation={token}&c=d" for token in tokens),
        f"{RESET_LINK}?next=/invitations/{tokens[0]}/",
        f"/accounts/login/?next={RESET_LINK}",
        unsubscribing[unsubscribing.index("/") :],
        urlsplit(canceling).path,
    ]


def parts(link: str) -> list[str]:
    """The secret parts of a link, which no log may have."""
    return re.findall(r"[0-9A-Za-z]{32,}", link)


@pytest.mark.django_db
def test_nginx_masks_what_the_console_masks(world: World) -> None:
    pattern = nginx_pattern()
    for link in secret_links(world):
        assert mask_secrets(link) != link
        match = pattern.match(link)
        assert match, link
        assert not any(part in match["console_head"] for part in parts(link))
    for link in (*OPEN, f"/settings/projects/x/api-keys/{world.key.public_id}/revoke/"):
        assert mask_secrets(link) == link
        assert not pattern.match(link)


def test_both_know_the_same_paths_and_formats() -> None:
    pattern = nginx_pattern().pattern
    assert masking.LINK_PATHS.replace(r"[^/\s\"]+", "[^/]+") in pattern
    assert f"[a-z]{{2}}{masking.LINE}(?={masking.BODY[:11]}{{24}})" in pattern


@pytest.mark.django_db(transaction=True)
def test_the_log_has_no_link_and_the_request_ids_of_the_console(
    world: World, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fronting(server.port, tmp_path) as front:
        for name, value in front.environment.items():
            monkeypatch.setenv(name, value)
        links = secret_links(world)
        with httpx.Client(base_url=f"https://{HOST}") as client:
            ids = [
                client.get(link, headers={"Referer": f"https://{HOST}{RESET_LINK}"})
                for link in links
            ]
            server.kill()
            away = [client.get(link).status_code for link in links[:3]]
        assert away == [503] * 3
        lines = (tmp_path / "console.log").read_text()
        errors = (tmp_path / "console-error.log").read_text()
    for link in [*links, RESET_LINK]:
        assert not any(part in lines + errors for part in parts(link))
    # Without the probe that waits for nginx.
    logged = [line for line in map(json.loads, lines.splitlines()) if line["upstream"]]
    assert [line["request_id"] for line in logged[: len(ids)]] == [
        answer.headers["X-Request-Id"] for answer in ids
    ]
    assert all(line["request_id"] in server.log.read_text() for line in logged[: len(ids)])
    assert logged[-1]["status"] == 503
