"""Sign-in, sign-up and reset give the same answer for known and unknown addresses."""

import re
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from accounts.models import Organization, User
from accounts.models.invitation import Link
from tests.support.mail import mailed_to
from tests.support.pages import words
from tests.world import PASSWORD, World, build_world, join, person

pytestmark = pytest.mark.django_db
KNOWN, UNKNOWN = "owner@northwind.example", "nobody@northwind.example"
GOOD = "correct horse battery staple"


@pytest.fixture
def world() -> World:
    return build_world()


def same(answers: list[Any], *typed: str) -> bool:
    """Whether the answers are the same but for the address that was typed and the token of forms."""
    seen = set()
    for response, address in zip(answers, typed, strict=True):
        body = response.content.decode().replace(address, "ADDRESS")
        body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", body)
        seen.add((response.status_code, response.headers.get("Location"), body))
    return len(seen) == 1


def sign_in(email: str, password: str = "wrong wrong wrong wrong") -> Any:
    return Client().post(reverse("account_login"), {"login": email, "password": password})


def test_the_right_password_signs_in(world: World) -> None:
    response = sign_in(KNOWN, PASSWORD)
    assert (response.status_code, response["Location"]) == (302, "/")


@pytest.mark.parametrize(
    "typed", ["OWNER@northwind.example", " owner@northwind.example ", "ｏwner@northwind.example"]
)
def test_an_address_is_the_same_however_it_is_spelled(world: World, typed: str) -> None:
    assert sign_in(typed, PASSWORD).status_code == 302


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(world: World) -> None:
    answers = [sign_in(KNOWN), sign_in(UNKNOWN)]
    assert answers[0].status_code == 422
    assert same(answers, KNOWN, UNKNOWN)


def test_an_account_that_is_closed_is_answered_like_an_unknown_one(world: World) -> None:
    world.owner.is_active = False
    world.owner.save(update_fields=["is_active"])
    assert same([sign_in(KNOWN), sign_in(UNKNOWN)], KNOWN, UNKNOWN)


def test_the_sixth_failure_is_held_up_whether_the_address_exists_or_not(world: World) -> None:
    for _ in range(5):
        sign_in(KNOWN), sign_in(UNKNOWN)
    answers = [sign_in(KNOWN), sign_in(UNKNOWN)]
    assert same(answers, KNOWN, UNKNOWN)
    assert "oo many" in words(answers[0])


def test_failures_from_elsewhere_do_not_lock_a_person_out(world: World) -> None:
    for _ in range(7):
        sign_in(KNOWN)
    elsewhere = Client(REMOTE_ADDR="198.51.100.7")
    response = elsewhere.post(reverse("account_login"), {"login": KNOWN, "password": PASSWORD})
    assert response.status_code == 302


def test_successes_do_not_count(world: World) -> None:
    for _ in range(8):
        assert sign_in(KNOWN, PASSWORD).status_code == 302


def reset(email: str) -> Any:
    return Client().post(reverse("account_reset_password"), {"email": email})


def test_a_reset_answers_the_same_for_known_and_unknown_addresses(world: World) -> None:
    answers = [reset(KNOWN), reset(UNKNOWN)]
    assert answers[0].status_code == 302
    assert same(answers, KNOWN, UNKNOWN)
    done = Client().get(answers[0]["Location"])
    assert done.status_code == 200


def test_a_reset_link_works_once(world: World) -> None:
    reset(KNOWN)
    link = re.search(
        r"http://127\.0\.0\.1:8000(/accounts/password/reset/key/\S+)",
        str(mailed_to(KNOWN)[-1].body),
    )
    assert link
    browser = Client()
    form = browser.get(link[1], follow=True)
    path = form.redirect_chain[-1][0]
    done = browser.post(path, {"password1": GOOD, "password2": GOOD})
    assert done.status_code == 302
    assert sign_in(KNOWN, GOOD).status_code == 302
    assert sign_in(KNOWN, PASSWORD).status_code == 422
    again = Client().get(link[1], follow=True)
    assert again.redirect_chain == []


def sign_up(email: str, password: str = GOOD, **data: str) -> Any:
    fields = {"name": "Somebody New", "email": email, "password1": password, **data}
    return Client().post(reverse("account_signup"), fields)


def test_sign_up_answers_the_same_for_known_and_unknown_addresses(world: World) -> None:
    users = User.objects.count()
    answers = [sign_up(KNOWN), sign_up("fresh@elsewhere.example")]
    assert answers[0].status_code == 302
    assert same(answers, KNOWN, "fresh@elsewhere.example")
    assert User.objects.count() == users + 1
    (known,), (fresh,) = mailed_to(KNOWN), mailed_to("fresh@elsewhere.example")
    # The code is for whoever is new; the other one is told that there is an account already.
    assert "code" in str(fresh.body).lower()
    assert "code" not in str(known.body).lower()


def test_the_code_in_the_email_signs_in_to_an_organization_of_their_own(world: World) -> None:
    browser = Client()
    data = {"name": "Ada", "email": "ada@elsewhere.example", "password1": GOOD}
    following = browser.post(reverse("account_signup"), data)["Location"]
    assert browser.get(reverse("home"))["Location"].startswith("/accounts/login/")
    (message,) = mailed_to("ada@elsewhere.example")
    code = re.search(r"^\s*([A-Z0-9]{4,}-?[A-Z0-9]*)\s*$", str(message.body), re.MULTILINE)
    assert code, message.body
    assert browser.post(following, {"code": code[1]}).status_code == 302
    ada = User.objects.get(email="ada@elsewhere.example")
    assert browser.get(reverse("home"), follow=True).status_code == 200
    assert (
        Organization.objects.get(memberships__user=ada, memberships__role="owner")
        == ada.home_organization
    )


@pytest.mark.parametrize(
    "password", ["short", "x" * 14, "x" * 129, "fresh@elsewhere.example", "1q2w3e4r5t6y7u8i9o0p"]
)
def test_a_weak_password_is_refused_at_its_field(world: World, password: str) -> None:
    """Too short, too long, one's own address, or one of the most used."""
    users = User.objects.count()
    response = sign_up("fresh@elsewhere.example", password)
    assert response.status_code == 422
    assert "password1" in response.context["form"].errors
    assert User.objects.count() == users


@pytest.mark.parametrize("email", ["", "nobody", "a@", "x" * 260 + "@a.example", "a\x00@b.example"])
def test_a_bad_address_is_refused_at_its_field(world: World, email: str) -> None:
    response = sign_up(email)
    assert response.status_code == 422
    assert "email" in response.context["form"].errors


@pytest.mark.parametrize("name", ["", "x" * 101, "\u202eabc", "a\x00"])
def test_a_bad_name_is_refused_at_its_field(world: World, name: str) -> None:
    response = sign_up("fresh@elsewhere.example", name=name)
    assert response.status_code == 422
    assert "name" in response.context["form"].errors


@override_settings(SIGNUP="closed")
def test_closed_sign_up_makes_no_account(world: World) -> None:
    users = User.objects.count()
    token = world.member_invitation.token(Link.MAILED)
    for query in ({}, {"invitation": token}):
        page = Client().get(reverse("account_signup"), query)
        assert "password1" not in page.content.decode()
    sign_up("fresh@elsewhere.example")
    assert User.objects.count() == users


@override_settings(SIGNUP="invite")
def test_sign_up_by_invitation_needs_an_invitation(world: World) -> None:
    users = User.objects.count()
    sign_up("fresh@elsewhere.example")
    assert User.objects.count() == users
    token = world.member_invitation.token(Link.MAILED)
    page = Client().get(reverse("account_signup"), {"invitation": token})
    assert f'value="{world.member_invitation.email}"' in page.content.decode()


def test_sign_up_with_an_invitation_is_for_the_invited_address(world: World) -> None:
    path = f"{reverse('account_signup')}?invitation={world.member_invitation.token(Link.MAILED)}"
    data = {"name": "X", "email": "another@elsewhere.example", "password1": GOOD}
    response = Client().post(path, data)
    assert response.status_code == 422
    assert world.member_invitation.email in str(response.context["form"].errors["email"])


def test_signing_out_ends_the_session_and_needs_a_post(world: World) -> None:
    browser = Client()
    browser.force_login(join(world.organization, "leaver@northwind.example"))
    assert browser.get(reverse("account_logout")).status_code == 200
    assert browser.get(reverse("profile")).status_code == 200
    old = browser.cookies["session"].value
    browser.post(reverse("account_logout"))
    browser.cookies["session"] = old
    assert browser.get(reverse("profile")).status_code == 302


def test_a_changed_password_ends_the_sessions_elsewhere(world: World) -> None:
    user = person("careful@elsewhere.example")
    here, there = Client(), Client()
    for browser in (here, there):
        browser.force_login(user)
    data = {"oldpassword": PASSWORD, "password1": GOOD, "password2": GOOD}
    assert here.post(reverse("account_change_password"), data).status_code == 302
    assert there.get(reverse("profile")).status_code == 302
    assert here.get(reverse("profile")).status_code == 200


def test_the_page_of_a_closed_account_leads_back(world: World, client: Client) -> None:
    page = reverse("account_inactive")
    assert f'href="{reverse("account_login")}"' in client.get(page).content.decode()
    client.force_login(world.owner)
    assert "Go to the console" in words(client.get(page))
