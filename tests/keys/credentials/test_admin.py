"""Service credentials in Django admin: made and shown once, listed with their last use, revoked for good."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.actors import Actor
from accounts.enums import Action
from accounts.models import AuditEvent, User
from keys.credentials.services import create_credential, revoke_credential
from keys.formats import is_credential
from keys.models import ServiceCredential
from keys.verification.last_used import flush_uses
from tests.keys.helpers.gateway_client import code_of, verify
from tests.support.pages import own_queries, queries, signed_in, words
from tests.world import World, staff_member

pytestmark = pytest.mark.django_db
LIST = reverse("admin:keys_servicecredential_changelist")
CREATE = reverse("admin:keys_servicecredential_create")


def create(world: World, name: str = "gateway") -> Any:
    return signed_in(world.staff).post(CREATE, {"name": name})


def page_of(credential: ServiceCredential, page: str = "change") -> str:
    return reverse(f"admin:keys_servicecredential_{page}", args=[credential.pk])


def test_a_credential_is_made_and_shown_in_that_answer_alone(world: World) -> None:
    staff = signed_in(world.staff)
    answer = staff.post(CREATE, {"name": "  gateway  "})
    assert answer.status_code == 200
    secret = answer.context["issued"].secret
    assert is_credential(secret)
    assert answer.content.decode().count(secret) == 1
    assert "no-store" in answer["Cache-Control"]
    assert verify(secret, world.key_secret).json()["valid"] is True
    credential = ServiceCredential.objects.get()
    assert (credential.name, credential.created_by) == ("gateway", world.staff)
    for address in (LIST, CREATE, page_of(credential), page_of(credential, "history")):
        assert secret not in staff.get(address).content.decode()
    assert secret not in str(LogEntry.objects.values()) + str(dict(staff.session))
    event = AuditEvent.objects.get(act=Action.CREDENTIAL_CREATED)
    assert (event.organization, event.actor) == (None, world.staff)
    assert (event.target_id, event.values_after) == (credential.public_id, {"name": "gateway"})


def test_the_same_form_sent_twice_leads_to_its_credential(world: World) -> None:
    staff = signed_in(world.staff)
    token = staff.get(CREATE).context["form"]["form_token"].value()
    first = staff.post(CREATE, {"name": "gateway", "form_token": token})
    again = staff.post(CREATE, {"name": "gateway", "form_token": token}, follow=True)
    assert first.status_code == 200
    assert again.redirect_chain == [(page_of(ServiceCredential.objects.get()), 302)]
    assert first.context["issued"].secret not in again.content.decode()
    assert "You already sent this form" in words(again)


def test_a_form_sent_twice_creates_once_and_shows_no_secret_again(world: World) -> None:
    create(world)
    again = create(world)
    assert again.status_code == 409
    assert "Choose another" in again.context["form"].errors["name"][0]
    assert "sc_" not in again.content.decode()
    assert ServiceCredential.objects.count() == 1
    assert AuditEvent.objects.filter(act=Action.CREDENTIAL_CREATED).count() == 1


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "bi\u202edi"])
def test_a_name_that_is_none_is_refused_at_its_field(world: World, name: str) -> None:
    answer = create(world, name)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["name"])
    assert not ServiceCredential.objects.exists()


def test_the_list_says_who_made_it_when_it_was_used_and_its_state(
    world: World, credential: str
) -> None:
    page = words(signed_in(world.staff).get(LIST))
    row = ServiceCredential.objects.get()
    assert all(text in page for text in ("gateway", row.hint, world.staff.email, "Active"))
    code_of(credential, world.key_secret)
    flush_uses()
    row.refresh_from_db()
    assert row.last_used_at is not None
    revoke_credential(actor=Actor.of_user(world.staff), credential=row)
    create_credential(actor=Actor.without_account("bin/manage"), name="metering")
    page = words(signed_in(world.staff).get(LIST))
    assert "Revoked" in page
    assert "bin/manage" in page


def test_revoking_asks_first_and_is_final(world: World, credential: str) -> None:
    row, staff = ServiceCredential.objects.get(), signed_in(world.staff)
    assert page_of(row, "revoke") in staff.get(page_of(row)).content.decode()
    shown = staff.get(page_of(row, "revoke"))
    assert "can't be undone" in words(shown)
    assert verify(credential, world.key_secret).status_code == 200
    assert staff.post(page_of(row, "revoke")).status_code == 302
    assert verify(credential, world.key_secret).status_code == 401
    row.refresh_from_db()
    assert row.revoked_by == world.staff
    event = AuditEvent.objects.get(act=Action.CREDENTIAL_REVOKED)
    assert (event.organization, event.target_id) == (None, row.public_id)
    assert page_of(row, "revoke") not in staff.get(page_of(row)).content.decode()
    again = staff.post(page_of(row, "revoke"))
    assert again.status_code == 409
    assert "gateway is already revoked." in words(again)
    assert create(world).status_code == 200  # the name is free again


def allowed(*codenames: str) -> User:
    """Support staff who may do that much and no more."""
    staff = staff_member("narrow@console.example")
    staff.is_superuser = False
    staff.save(update_fields=["is_superuser"])
    staff.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return staff


def test_each_act_takes_its_own_permission(world: World, credential: str) -> None:
    row = ServiceCredential.objects.get()
    viewer = signed_in(allowed("view_servicecredential", "change_organization"))
    page = viewer.get(LIST)
    assert page.status_code == 200
    assert CREATE not in page.content.decode()
    assert page_of(row, "revoke") not in viewer.get(page_of(row)).content.decode()
    assert viewer.post(CREATE, {"name": "mine"}).status_code == 403
    assert viewer.post(page_of(row, "revoke")).status_code == 403
    row.refresh_from_db()
    assert (row.state, ServiceCredential.objects.count()) == ("Active", 1)


def test_the_services_ask_for_the_right_again(world: World, credential: str) -> None:
    row = ServiceCredential.objects.get()
    for person in (world.owner, allowed("add_servicecredential"), world.stranger):
        with pytest.raises(PermissionDenied):
            revoke_credential(actor=Actor.of_user(person), credential=row)
    with pytest.raises(PermissionDenied):
        create_credential(actor=Actor.of_user(world.owner), name="mine")


def test_more_credentials_cost_no_more_queries(world: World, credential: str) -> None:
    staff = signed_in(world.staff)
    staff.get(LIST)
    with queries() as few:
        staff.get(LIST)
    for number in range(29):
        create_credential(actor=Actor.of_user(world.staff), name=f"program {number}")
    with queries() as many:
        staff.get(LIST)
    assert len(own_queries(many)) == len(own_queries(few))
