"""`createsuperuser` without questions needs an address and a password, nothing else."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User

pytestmark = pytest.mark.django_db


def create(monkeypatch: pytest.MonkeyPatch, **options: str) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "an unusual sentence of words")
    call_command("createsuperuser", interactive=False, verbosity=0, **options)


def test_the_name_is_taken_from_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    create(monkeypatch, email="sam.lee@operator.example")
    staff = User.objects.get(email="sam.lee@operator.example")
    assert (staff.name, staff.is_staff, staff.is_superuser) == ("sam.lee", True, True)
    assert staff.check_password("an unusual sentence of words")


def test_a_given_name_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    create(monkeypatch, email="sam@operator.example", name="Sam Lee")
    assert User.objects.get(email="sam@operator.example").name == "Sam Lee"


def test_without_an_address_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="--email"):
        create(monkeypatch)
