"""A sign-in during an outage is no failure of the person: afterwards they are not locked out."""

from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db


def lose_database(*about: Any) -> None:
    raise OperationalError("terminating connection due to administrator command")


def test_attempts_during_an_outage_do_not_count(world: World) -> None:
    browser = Client(raise_request_exception=False)
    form = {"login": world.owner.email, "password": PASSWORD}
    with connection.execute_wrapper(lose_database):
        outage = [browser.post(reverse("account_login"), form).status_code for _ in range(6)]
    assert outage == [503] * 6
    assert browser.post(reverse("account_login"), form).status_code == 302
