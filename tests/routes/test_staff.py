"""The acts of support staff in Django admin: who gets to them, and that a GET changes nothing."""

import datetime as dt
import re
from collections.abc import Iterator

import pytest
from django.urls import reverse

from accounts.actors import Actor
from accounts.enums import Delivery, OrganizationState, SupportRequestState
from accounts.models import OutgoingMail, User
from accounts.outbox import queue_text
from accounts.support.services.factor_resets import request_factor_reset
from accounts.support.services.staff import save_staff_roles
from keys.credentials.services import create_credential
from keys.models import ServiceCredential
from tests.routes.answers import Answer
from tests.routes.lines import OUTSIDERS, PEOPLE
from tests.routes.scene import Scene
from tests.routes.table import STAFF_ACTS, STAFF_PAGES
from tests.support.clock import DAY
from tests.support.staff_factors import add_staff_app
from tests.usage.helpers.reattribution_setup import many
from tests.world import staff_member
from usage.models import ModelAlias, Price, Product, Reattribution

pytestmark = pytest.mark.django_db
METHODS = ("GET", "POST")
# Its answer shows what was made.
CREATE = "admin:keys_servicecredential_create"
# Acts that are about no row.
MAKING = {
    *(CREATE, "admin:usage_product_create", "admin:usage_reattribution_move"),
    *("admin:accounts_user_add_staff", "admin:usage_price_create", "admin:usage_product_preset"),
    "admin:usage_modelalias_create",
}
COLLEAGUE = "colleague@console.example"
CONFIRMED = re.compile(rb'name="confirmed" value="([^"]+)"')
NOBODY_ELSE = (*PEOPLE, *(who for who in OUTSIDERS if who != "staff"))


@pytest.fixture
def scene() -> Scene:
    """With a request that waits, a suspended organization beside the working one, a credential, a
    price that has not begun, an email that failed, usage to be moved, moves done and stopped."""
    scene = Scene()
    request = scene.world.support_request
    request.state = SupportRequestState.PENDING
    request.save(update_fields=["state"])
    create_credential(actor=Actor.of_user(scene.world.staff), name="gateway")
    staff_member(COLLEAGUE)
    save_staff_roles()
    volumes = Product.objects.get(code="volumes")
    volumes.line_items.get().prices.create(unit_price=1, starts_on=dt.date(2031, 1, 1))
    many(scene.world, 1, last=dt.datetime(2025, 6, 1, tzinfo=dt.UTC))
    Product.objects.filter(code="volumes").update(multi_project=True)
    for code, state in (("volumes", "applied"), ("code-interpreter", "applying")):
        start = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
        moves = Product.objects.get(code=code).reattributions
        moves.create(starts_at=start, ends_at=start + DAY, state=state)
    ModelAlias.objects.create(pattern="gateway/*")
    add_staff_app(scene.world.member)
    staff = Actor.of_user(scene.world.staff)
    request_factor_reset(actor=staff, user=scene.world.member, note="Seen on a video call.")
    queue_text("nobody@elsewhere.example", "Hello", "Hello.")
    OutgoingMail.objects.latest("pk").finish(Delivery.FAILED, "550 no such user")
    scene.world.other_organization.change_state(OrganizationState.SUSPENDED, "Unpaid.")
    return scene


def addresses(scene: Scene) -> dict[str, str]:
    world, files = scene.world, Product.objects.get(code="files")
    rows = {
        "admin:accounts_supportrequest_grant": [world.support_request.pk],
        "admin:accounts_supportrequest_decline": [world.support_request.pk],
        "admin:accounts_organization_suspend": [world.organization.pk],
        "admin:accounts_organization_close": [world.organization.pk],
        "admin:accounts_organization_view_as": [world.organization.pk, world.member.public_id],
        "admin:accounts_organization_reopen": [world.other_organization.pk],
        "admin:accounts_outgoingmail_resend": [OutgoingMail.objects.latest("pk").pk],
        "admin:accounts_user_add_staff": [],
        "admin:accounts_user_staff_role": [User.objects.get(email=COLLEAGUE).pk],
        "admin:accounts_user_reset_factors": [User.objects.get(email=COLLEAGUE).pk],
        "admin:accounts_user_cancel_reset": [scene.world.member.pk],
        "admin:keys_servicecredential_create": [],
        "admin:keys_servicecredential_revoke": [ServiceCredential.objects.get().pk],
        "admin:usage_product_create": [],
        "admin:usage_product_multi_project": [
            Product.objects.not_yet_multi_project().exclude(pk=files.pk).latest("pk").pk
        ],
        "admin:usage_product_preset": [],
        "admin:usage_product_edit": [files.pk],
        "admin:usage_product_line_item": [files.pk],
        "admin:usage_lineitem_edit": [files.line_items.get().pk],
        "admin:usage_lineitem_price": [files.line_items.get().pk],
        "admin:usage_price_create": [],
        "admin:usage_price_edit": [Price.objects.latest("starts_on").pk],
        "admin:usage_price_take_back": [Price.objects.latest("starts_on").pk],
        "admin:usage_modelalias_create": [],
        "admin:usage_modelalias_edit": [ModelAlias.objects.get().pk],
        "admin:usage_modelalias_remove": [ModelAlias.objects.get().pk],
        "admin:usage_reattribution_move": [],
        "admin:usage_reattribution_undo": [Reattribution.objects.get(state="applied").pk],
        "admin:usage_reattribution_resume": [Reattribution.objects.get(state="applying").pk],
    }
    return {name: reverse(name, args=rows[name]) for name in STAFF_ACTS}


def done_by_staff(scene: Scene, name: str, path: str) -> Answer:
    """The act, after what it would change has been looked at."""
    staff = scene.caller("staff")
    answer = staff.send("POST", path, STAFF_ACTS[name])
    review = CONFIRMED.search(answer.body)
    if review is None:
        return answer
    assert answer.changed == [], name
    return staff.send("POST", path, {**STAFF_ACTS[name], "confirmed": review[1].decode()})


def test_staff_may_do_every_act(scene: Scene) -> None:
    wrong = []
    for name, path in addresses(scene).items():
        shown = scene.caller("staff").send("GET", path)
        done = done_by_staff(scene, name, path)
        if (shown.status, done.status) != (200, 200 if name == CREATE else 302) or shown.changed:
            wrong.append((name, shown.status, done.status, shown.changed))
        if not {"accounts.AuditEvent", "admin.LogEntry"} <= set(done.changed):
            wrong.append((name, "left no trace in", done.changed))
    assert wrong == []


def refused(scene: Scene, person: str) -> Iterator[str]:
    for name, path in addresses(scene).items():
        for method in METHODS:
            data = STAFF_ACTS[name] if method == "POST" else None
            answer = scene.caller(person).send(method, path, data)
            to_sign_in = answer.location.split("?")[0] == reverse("admin:login")
            if answer.status != 302 or not to_sign_in or answer.changed:
                yield f"{method} {name}: {answer.status} {answer.location} {answer.changed}"


@pytest.mark.parametrize("person", [*NOBODY_ELSE, "anonymous"])
def test_no_one_else_may_act(scene: Scene, person: str) -> None:
    """They are sent to the sign-in page of Django admin, which refuses the signed-in and asks the others."""
    assert list(refused(scene, person)) == []
    sign_in = scene.caller(person).send("GET", reverse("admin:login"))
    if person == "anonymous":
        assert (sign_in.status, sign_in.location.split("?")[0]) == (302, reverse("account_login"))
    else:
        assert sign_in.status == 403


@pytest.mark.parametrize("name", sorted(STAFF_PAGES))
def test_only_staff_see_a_page_of_theirs(scene: Scene, name: str) -> None:
    path = reverse(name)
    answers = [scene.caller("staff").send(method, path) for method in METHODS]
    assert [(answer.status, answer.changed) for answer in answers] == [(200, []), (405, [])]
    for person in (*NOBODY_ELSE, "anonymous"):
        answer = scene.caller(person).send("GET", path)
        assert answer.location.split("?")[0] == reverse("admin:login"), person
        assert (answer.status, answer.changed) == (302, []), person


def test_an_unknown_row_is_not_found(scene: Scene) -> None:
    for name, data in STAFF_ACTS.items():
        if name in MAKING:
            continue
        member = [scene.world.member.public_id] if name.endswith("view_as") else []
        path = reverse(name, args=[999_999, *member])
        for method in METHODS:
            answer = scene.caller("staff").send(method, path, data if method == "POST" else None)
            assert (answer.status, answer.changed) == (404, []), (name, method)


def test_staff_who_may_only_look_may_do_nothing(scene: Scene) -> None:
    staff = scene.world.staff
    staff.is_superuser = False
    staff.save(update_fields=["is_superuser"])
    for name, path in addresses(scene).items():
        answer = scene.caller("staff").send("POST", path, STAFF_ACTS[name])
        assert (answer.status, answer.changed) == (403, []), name
