"""The programs that people log in with from a terminal. Public ones: none has a secret."""

from dataclasses import dataclass


@dataclass(frozen=True)
class OAuthClient:
    """A program by the id it sends, and what people are told it is."""

    id: str
    name: str


# The official client's; it sends this unless its user sets another.
CLIENTS = {
    one.id: one for one in (OAuthClient("app_CfXyxzEgNqQmH1PJEr2Xw", "Together CLI (tg)"),)
}  # fmt: skip


def client_name(client_id: str) -> str:
    """What people are told; the id itself for one that is no longer known."""
    found = CLIENTS.get(client_id)
    return found.name if found else client_id
