"""Personal access tokens of somebody, as tests make them."""

from accounts.actors import Actor
from accounts.models import Organization, User
from keys.enums import TokenScope
from keys.personal_tokens.services import IssuedToken, create_personal_token
from projects.models import Project


def made(
    user: User,
    place: Organization | Project,
    name: str = "nightly",
    *,
    scope: TokenScope = TokenScope.READ,
    days: int = 30,
) -> IssuedToken:
    """A token of theirs, with its secret."""
    return create_personal_token(
        actor=Actor.of_user(user),
        name=name,
        target=place,
        scope=scope,
        days=days,
    )
