"""What support looks up of keys in Django admin: found by what customers name, and no secret among it."""

import base64

import pytest
from django.urls import reverse

from keys.models import ApiKey, KeyPolicy, LeakReport, ServiceCredential
from tests.support.pages import own_queries, queries, signed_in, words
from tests.world import World, issued

pytestmark = pytest.mark.django_db
KEYS = reverse("admin:keys_apikey_changelist")
REPORTS = reverse("admin:keys_leakreport_changelist")


@pytest.mark.parametrize("named", ["hint", "public_id", "name", "email", "organization"])
def test_a_key_is_found_by_what_a_customer_names(world: World, named: str) -> None:
    key = issued(world.research, world.project_admin, name="nightly").key
    asked = {
        "hint": key.current_secret().hint,
        "public_id": key.public_id,
        "name": "nightly",
        "email": world.project_admin.email,
        "organization": world.organization.slug,
    }[named]
    response = signed_in(world.staff).get(KEYS, {"q": asked})
    found = list(response.context["cl"].result_list)
    assert key in found
    assert world.other_key not in found


def test_no_page_of_support_holds_a_secret_or_what_is_stored_of_it(world: World) -> None:
    default = world.default.api_keys.default_key()
    LeakReport.objects.create(secret=world.key.current_secret(), reporter="github", revoked=True)
    staff = signed_in(world.staff)
    pages = [
        staff.get(address)
        for address in (
            KEYS,
            REPORTS,
            reverse("admin:keys_leakreport_change", args=[LeakReport.objects.get().pk]),
            *(reverse("admin:keys_apikey_change", args=[key.pk]) for key in (default, world.key)),
        )
    ]
    for key, text in ((default, default.secret_text), (world.key, world.key_secret)):
        mac = bytes(key.current_secret().mac)
        for page in pages:
            html = page.content.decode()
            assert text not in html
            assert mac.hex() not in html
            assert base64.b64encode(mac).decode() not in html
            assert default.sealed_secret not in html
    assert world.key.current_secret().hint in words(pages[-1])
    assert "notebooks in research" in words(pages[1])


def test_reports_of_leaked_credentials_stand_beside_those_of_keys(
    world: World, credential: str
) -> None:
    gateway = ServiceCredential.objects.get()
    LeakReport.objects.create(credential=gateway, reporter="github", revoked=False)
    LeakReport.objects.create(secret=world.key.current_secret(), reporter="github", revoked=True)
    page = signed_in(world.staff).get(REPORTS)
    for text in ("service credential gateway", gateway.hint, "notebooks in research"):
        assert text in words(page)
    assert credential not in page.content.decode()


def test_nothing_of_a_key_can_be_changed_there(world: World) -> None:
    KeyPolicy.objects.create(organization=world.organization)
    staff, page = signed_in(world.staff), reverse("admin:keys_apikey_change", args=[world.key.pk])
    assert staff.post(page, {"name": "mine"}).status_code == 403
    assert "_save" not in staff.get(page).content.decode()
    assert ApiKey.objects.get(pk=world.key.pk).name == "notebooks"


def test_more_keys_cost_no_more_queries(world: World) -> None:
    staff = signed_in(world.staff)
    staff.get(KEYS)
    with queries() as few:
        staff.get(KEYS)
    for number in range(30):
        issued(world.research, world.project_admin, name=f"key {number}")
    with queries() as many:
        staff.get(KEYS)
    assert len(own_queries(many)) == len(own_queries(few))
