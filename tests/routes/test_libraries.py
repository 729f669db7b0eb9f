"""The pages of django-allauth and Django admin: who may use them, and that nobody else can."""

from collections.abc import Iterator

import pytest
from django.urls import reverse

from accounts.actors import Actor
from accounts.models import OutgoingMail, ViewAs
from accounts.support.services.viewing import start_view
from keys.credentials.services import create_credential
from keys.models import KeyPolicy, LeakReport, ServiceCredential
from tests.database.attempts.usage import move
from tests.routes.answers import Caller
from tests.routes.library_table import (
    ADMIN_PAGES,
    ALLAUTH,
    MODEL_PAGES,
    MODELS,
    NEW_PASSWORD,
    SIGN_IN,
)
from tests.routes.scene import Scene
from tests.world import PASSWORD, offered
from usage.models import LineItem, ModelAlias, Price, Product

pytestmark = pytest.mark.django_db
METHODS = ("GET", "POST")
LIMITS = {"project_limit": "7", "external_collaborators_enabled": "on", "note": "They signed."}


@pytest.fixture
def scene() -> Scene:
    """With a row of every kind that support looks up."""
    scene = Scene()
    world = scene.world
    offered(world.organization, world.admin)
    membership = world.organization.memberships.get(user=world.member)
    start_view(actor=Actor.of_user(world.staff), membership=membership, reason="A question.")
    KeyPolicy.objects.create(organization=world.organization)
    create_credential(actor=Actor.of_user(world.staff), name="gateway")
    LeakReport.objects.create(secret=world.key.current_secret(), reporter="scanner", revoked=False)
    return scene


@pytest.mark.parametrize("name", ALLAUTH)
def test_a_page_of_allauth_answers_as_the_table_says(scene: Scene, name: str) -> None:
    line = ALLAUTH[name]
    path = reverse(name, kwargs=line.kwargs)
    cells = [
        ("anonymous", "GET", line.anonymous_get),
        ("anonymous", "POST", line.anonymous_post),
        ("member", "GET", line.signed_in_get),
        ("member", "POST", line.signed_in_post),
    ]
    wrong = []
    for person, method, (status, where) in cells:
        answer = scene.caller(person).send(method, path, line.data if method == "POST" else None)
        location = answer.location.split("?")[0]
        if (answer.status, location) != (status, where):
            wrong.append((person, method, answer.status, answer.location))
        if method == "GET" and answer.changed:
            wrong.append((person, method, "changed", answer.changed))
    assert wrong == []


def staff_pages(scene: Scene) -> dict[str, tuple[int, int]]:
    """Every address of Django admin with what staff get: GET, POST."""
    world = scene.world
    rows = {
        "accounts_organization": world.organization.pk,
        "accounts_user": world.member.pk,
        "accounts_membership": world.member.memberships.get().pk,
        "accounts_supportrequest": world.support_request.pk,
        "accounts_auditevent": world.organization.audit_events.earliest("pk").pk,
        "accounts_outgoingmail": OutgoingMail.objects.earliest("pk").pk,
        "accounts_viewas": ViewAs.objects.get().pk,
        "accounts_ownershipoffer": world.organization.ownership_offers.latest("pk").pk,
        "projects_project": world.research.pk,
        "keys_apikey": world.key.pk,
        "keys_keypolicy": KeyPolicy.objects.get().pk,
        "keys_leakreport": LeakReport.objects.get().pk,
        "keys_servicecredential": ServiceCredential.objects.get().pk,
        "usage_product": Product.objects.earliest("pk").pk,
        "usage_lineitem": LineItem.objects.earliest("pk").pk,
        "usage_price": Price.objects.earliest("pk").pk,
        "usage_modelalias": ModelAlias.objects.create(pattern="gateway/*").pk,
        "usage_reattribution": move(world).pk,
    }
    kwargs = {
        "admin:app_list": {"app_label": "accounts"},
        "admin:view_on_site": {"content_type_id": "1", "object_id": "1"},
    }
    pages = {reverse(name, kwargs=kwargs.get(name)): cells for name, cells in ADMIN_PAGES.items()}
    for model in MODELS:
        for page, cells in MODEL_PAGES.items():
            arguments = [] if page in ("changelist", "add") else [rows[model]]
            # An organization is the one thing with something to change: its limits.
            answers = (200, 302) if (model, page) == ("accounts_organization", "change") else cells
            pages[reverse(f"admin:{model}_{page}", args=arguments)] = answers
    return {**pages, "/admin/accounts/user/1/": (302, 302), "/admin/nothing/": (404, 404)}


def form_of(path: str) -> dict[str, str]:
    passwords = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    return {**LIMITS, **passwords, "old_password": PASSWORD}


def test_staff_see_everything_and_change_only_limits(scene: Scene) -> None:
    wrong = []
    for path, cells in staff_pages(scene).items():
        for method, status in zip(METHODS, cells, strict=True):
            answer = scene.caller("staff").send(
                method, path, form_of(path) if method == "POST" else None
            )
            if answer.status != status:
                wrong.append((method, path, answer.status, status))
            if answer.changed and (method == "GET" or status >= 400):
                wrong.append((method, path, "changed", answer.changed))
    assert wrong == []


def test_a_change_of_limits_is_audited_and_touches_one_organization(scene: Scene) -> None:
    path = reverse("admin:accounts_organization_change", args=[scene.world.organization.pk])
    answer = scene.caller("staff").send("POST", path, form_of(path))
    assert answer.status == 302
    assert sorted(answer.changed) == [
        "accounts.AuditChain",
        "accounts.AuditEvent",
        "accounts.Organization",
        "accounts.PersonalData",
        "admin.LogEntry",
    ]


def refused_by(caller: Caller, path: str) -> Iterator[tuple[str, str, int, str]]:
    for method in METHODS:
        answer = caller.send(method, path, form_of(path) if method == "POST" else None)
        sent_away = answer.status == 302 and answer.location.split("?")[0] in (
            reverse("admin:login"),
            reverse("admin:index"),
            SIGN_IN,
        )
        if answer.changed or not (sent_away or answer.status in (403, 405)):
            yield method, path, answer.status, answer.location


@pytest.mark.parametrize("person", ["owner", "external_admin", "stranger", "anonymous"])
def test_no_one_else_gets_into_django_admin(scene: Scene, person: str) -> None:
    caller = scene.caller(person)
    wrong = [one for path in staff_pages(scene) for one in refused_by(caller, path)]
    assert wrong == []
    # Where they were sent: refused when signed in, otherwise the page where everybody signs in.
    sign_in = caller.send("GET", reverse("admin:login"))
    if person == "anonymous":
        assert (sign_in.status, sign_in.location.split("?")[0]) == (302, SIGN_IN)
    else:
        assert sign_in.status == 403
