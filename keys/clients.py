"""The programs that people can sign in to from a terminal. They are public clients, without secrets."""

from dataclasses import dataclass


@dataclass(frozen=True)
class OAuthClient:
    """A program: the id that it sends and the name that people see."""

    id: str
    name: str


# The official client's; it sends this unless its user sets another.
CLIENTS = {
    client.id: client for client in (OAuthClient("app_CfXyxzEgNqQmH1PJEr2Xw", "Together CLI (tg)"),)
}  # fmt: skip


def client_name(client_id: str) -> str:
    """Returns the name of a program, or its id if it is no longer registered."""
    client = CLIENTS.get(client_id)
    return client.name if client else client_id
