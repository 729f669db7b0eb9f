"""Pages without a tenant's id: about oneself, or for everybody."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.routes.answers import sign_in_address
from tests.routes.lines import OUTSIDERS, PEOPLE, Own
from tests.routes.own_table import OWN
from tests.routes.scene import Scene

pytestmark = pytest.mark.django_db
METHODS = ("GET", "POST")


@pytest.fixture
def scene() -> Scene:
    return Scene()


def expected_of(line: Own, person: str, method: str) -> int:
    if person == "anonymous":
        return line.anonymous_get if method == "GET" else line.anonymous_post
    return line.get if method == "GET" else line.post


def test_everyone_gets_what_the_table_says(scene: Scene) -> None:
    wrong = []
    for name, line in OWN.items():
        for person in (*PEOPLE, *OUTSIDERS, "anonymous"):
            for method in METHODS:
                data = line.data if method == "POST" else None
                answer = scene.ask(person, method, name, {}, data)
                expected = expected_of(line, person, method)
                acts = method == "POST" and person != "anonymous"
                changes = list(line.changes) if acts else []
                changed = sorted(label.split(".")[1] for label in answer.changed)
                if answer.status != expected or changed != changes:
                    wrong.append((person, method, name, answer.status, expected, answer.changed))
    assert wrong == []


@pytest.mark.parametrize("name", ["home", "organizations", "roles", "profile", "invitations"])
def test_the_sign_in_page_knows_the_requested_page(scene: Scene, name: str) -> None:
    answer = scene.ask("anonymous", "GET", name, {})
    assert answer.location == sign_in_address(reverse(name))


@pytest.mark.parametrize("person", PEOPLE)
def test_home_leads_to_a_project_the_person_can_open(scene: Scene, person: str) -> None:
    answer = scene.ask(person, "GET", "home", {})
    assert scene.caller(person).send("GET", answer.location).status == 200


def test_home_of_staff_is_django_admin(scene: Scene) -> None:
    assert scene.ask("staff", "GET", "home", {}).location == reverse("admin:index")


def test_home_of_a_removed_external_is_their_own_organization(scene: Scene) -> None:
    home = scene.world.former.home_organization
    assert home is not None
    default = home.projects.default()
    assert scene.ask("former", "GET", "home", {}).location == reverse(
        "project", args=[default.slug]
    )


def test_a_changed_profile_is_their_own_alone(scene: Scene) -> None:
    member, others = scene.world.member, User.objects.exclude(pk=scene.world.member.pk)
    before = list(others.order_by("pk").values_list())
    client = Client()
    client.force_login(member)
    client.post(reverse("profile"), {"name": "Ines", "email": "taken@elsewhere.example"})
    assert list(others.order_by("pk").values_list()) == before
    member.refresh_from_db()
    assert (member.name, member.email) == ("Ines", "member@northwind.example")


@pytest.mark.parametrize("person", ["anonymous", "owner"])
def test_the_icon_browsers_guess_is_the_one_of_the_pages(scene: Scene, person: str) -> None:
    page = scene.caller("anonymous").send("GET", reverse("account_login")).body.decode()
    icon = scene.ask(person, "GET", "favicon", {}).location
    assert f'<link rel="icon" href="{icon}"' in page
