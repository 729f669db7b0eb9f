"""Changing one's email address: whoever has it can reset the password, so it asks for the present one."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import OutgoingMail
from tests.support.mail import mailed_to
from tests.support.pages import signed_in
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db
PAGE = reverse("account_email")
NEW = "another@elsewhere.example"


def change(browser: Client) -> str:
    return str(browser.post(PAGE, {"action_add": "", "email": NEW})["Location"])


def test_a_session_alone_cannot_change_the_address(world: World) -> None:
    browser = signed_in(world.owner)
    assert browser.get(PAGE)["Location"].startswith(reverse("account_reauthenticate"))
    assert change(browser).startswith(reverse("account_reauthenticate"))
    assert not OutgoingMail.objects.filter(to=NEW).exists()


def test_after_the_password_the_change_goes_on(world: World) -> None:
    browser = signed_in(world.owner)
    response = browser.post(change(browser), {"password": PASSWORD})
    assert response["Location"] == PAGE
    assert change(browser) == reverse("account_email_verification_sent")
    assert len(mailed_to(NEW)) == 1
