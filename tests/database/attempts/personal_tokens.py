"""One write for each constraint of personal access tokens, past the code; part of every_constraint.py."""

from collections.abc import Callable

from keys.models import PersonalToken
from tests.database.writes import changed, copied
from tests.keys.helpers.personal_tokens import made
from tests.support.clock import DAY
from tests.world import World


def token(world: World) -> PersonalToken:
    """One of `project_member` for `research`; made when first asked for."""
    found: PersonalToken | None = PersonalToken.objects.filter(
        user=world.project_member, form_token="one"
    ).first()
    if found:
        return found
    first = made(world.project_member, world.research, name="first").token
    (row,) = copied(first, name="nightly", mac=b"one", form_token="one")
    assert isinstance(row, PersonalToken)
    return row


TOKEN_ATTEMPTS: dict[str, tuple[str, Callable[[World], object]]] = {
    "personaltoken_name_once_unrevoked": (
        "keys_personaltoken.user_id, keys_personaltoken.name",
        lambda w: copied(token(w), mac=b"x", form_token=None),
    ),
    "personaltoken_expires_after_creation": (
        "personaltoken_expires_after_creation",
        lambda w: copied(
            token(w), name="x", mac=b"x", form_token=None, expires_at=token(w).created_at - DAY
        ),
    ),
    "personaltoken_revoked_with_a_time": (
        "personaltoken_revoked_with_a_time",
        lambda w: changed(token(w), revoked_by=w.owner),
    ),
    "personaltoken_scope_known": (
        "personaltoken_scope_known",
        lambda w: copied(token(w), name="x", mac=b"x", form_token=None, scope="all"),
    ),
}
