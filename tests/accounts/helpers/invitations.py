"""What the tests of invitations share: who is invited, answering by a link, letting time pass."""

import datetime as dt

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import Invitation, User
from accounts.models.invitation import Link
from accounts.models.principals import Principal
from projects.models import Project
from tests.world import World, person


def invitee(world: World, *, verified: bool = True) -> User:
    """The account of the address that waits to come into Northwind's research."""
    return person(world.invitation.email, verified=verified)


def post(client: Client, invitation: Invitation, link: Link, act: str = "accept") -> HttpResponse:
    address = reverse(f"invitation_{act}", args=[invitation.token(link)])
    answer: HttpResponse = client.post(address)
    return answer


def is_in(user: User, project: Project) -> bool:
    return Project.objects.visible_to(Principal.of_user(user)).filter(pk=project.pk).exists()


def age(invitation: Invitation, **by: float) -> None:
    """Lets time pass for the invitation."""
    delta = dt.timedelta(**by)
    Invitation.objects.filter(pk=invitation.pk).update(
        sent_at=invitation.sent_at - delta, expires_at=invitation.expires_at - delta
    )
