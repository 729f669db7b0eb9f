"""`create_organization` creates one organization, and its Owner learns how to sign in."""

import io
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from accounts.models import Organization, User
from tests.support.mail import mailed_to

pytestmark = pytest.mark.django_db
OWNER = "ada@acme.example"


def create(*words: str) -> str:
    printed = io.StringIO()
    call_command("create_organization", *words, stdout=printed)
    return printed.getvalue()


def test_a_new_owner_is_emailed_how_to_choose_a_password() -> None:
    printed = create("Acme", OWNER)
    owner = User.objects.get(email=OWNER)
    assert Organization.objects.owned_by(owner).get().name == "Acme"
    (message,) = mailed_to(OWNER)
    assert message.subject == "Your organization Acme"
    assert "/accounts/password/reset/" in message.body
    password = printed.split()[-1]
    assert owner.check_password(password)
    assert password not in message.body
    assert "They get an email about how to choose a password" in printed


def test_someone_with_an_account_is_asked_to_sign_in() -> None:
    create("Acme", OWNER)
    printed = create("Acme Labs", OWNER.upper())
    assert "password" not in printed
    message = mailed_to(OWNER)[-1]
    assert message.subject == "Your organization Acme Labs"
    assert "/accounts/login/" in message.body
    assert "/password/" not in message.body


def test_the_same_again_is_refused_and_creates_nothing() -> None:
    create("Acme", OWNER)
    before = Organization.objects.count()
    with pytest.raises(CommandError, match=r"already owns .* Acme \(acme\)\. .* --again"):
        create("ACME", OWNER)
    assert Organization.objects.count() == before
    create("Acme", OWNER, "--again")
    assert Organization.objects.filter(name="Acme").count() == 2
    create("Acme", "someone.else@acme.example")


def test_without_a_mail_server_the_password_is_only_printed(settings: Any) -> None:
    settings.NO_MAIL = True
    assert create("Acme", OWNER).splitlines()[1].startswith("Initial password")
    assert mailed_to(OWNER) == []
    assert mail.outbox == []
