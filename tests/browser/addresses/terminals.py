"""Pages of terminals: one that asks to be let in, and one that is; part of the list in every_page.py."""

from django.urls import reverse

from tests.keys.helpers.terminal_client import ask, logged_in
from tests.world import World


def terminal_pages(world: World) -> list[str]:
    """For `project_member`, in whose name the terminal is logged in."""
    logged_in(world.project_member).project_token(world.research)
    session = world.project_member.terminal_sessions.get()
    asked = ask().address
    return [
        *(asked, asked.replace("approve", "deny")),
        *(reverse("terminals"), reverse("terminal_end", args=[session.public_id])),
    ]
