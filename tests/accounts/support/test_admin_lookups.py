"""What support looks up in Django admin: found by what customers name, and no secret among it."""

import pytest
from django.urls import reverse

from accounts.models import OutgoingMail
from accounts.models.invitation import Link
from tests.support.mail import mailed
from tests.support.pages import own_queries, queries, signed_in, words
from tests.world import World, invited

pytestmark = pytest.mark.django_db
OUTBOX = reverse("admin:accounts_outgoingmail_changelist")


def test_the_outbox_shows_what_became_of_a_mail_and_never_what_it_says(world: World) -> None:
    mail = OutgoingMail(to="somebody@elsewhere.example", subject="Your code")
    mail.body = "The code is 493017."
    mail.save()
    mail.postpone("ConnectionRefusedError: away")
    page = reverse("admin:accounts_outgoingmail_change", args=[mail.pk])
    for address in (f"{OUTBOX}?q=somebody", page):
        response = signed_in(world.staff).get(address)
        assert "ConnectionRefusedError: away" in words(response)
        html = response.content.decode()
        assert "493017" not in html
        assert mail.sealed_body not in html


def test_no_page_of_support_holds_an_invitations_link(world: World) -> None:
    mailed()
    mail = OutgoingMail.objects.get(invitation=world.invitation)
    staff = signed_in(world.staff)
    for address in (
        OUTBOX,
        reverse("admin:accounts_outgoingmail_change", args=[mail.pk]),
        reverse("admin:projects_project_change", args=[world.research.pk]),
    ):
        html = staff.get(address).content.decode()
        assert not any(world.invitation.token(link) in html for link in Link)


def test_archived_projects_can_be_listed(world: World) -> None:
    world.production.archived_at, world.production.archived_by = (
        world.production.created_at,
        world.owner,
    )
    world.production.save(update_fields=["archived_at", "archived_by"])
    address = reverse("admin:projects_project_changelist")
    response = signed_in(world.staff).get(address, {"archived_at__isempty": "0"})
    assert list(response.context["cl"].result_list) == [world.production]


def test_a_longer_outbox_costs_no_more_queries(world: World) -> None:
    staff = signed_in(world.staff)
    staff.get(OUTBOX)
    with queries() as few:
        staff.get(OUTBOX)
    for number in range(30):
        invited(world.research, f"more{number}@elsewhere.example")
    with queries() as many:
        staff.get(OUTBOX)
    assert len(own_queries(many)) == len(own_queries(few))
