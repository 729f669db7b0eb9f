"""The key policy: who sets it, what the page says of keys that are there, and that nobody gets past it."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import Action
from accounts.errors import Conflict
from accounts.models import AuditEvent, User
from keys.enums import KeyMakers, LeakResponse
from keys.models import ApiKey, KeyPolicy
from keys.policy.services.policy import change_policy
from tests.keys.helpers.factories import hoard, one
from tests.support.clock import DAY
from tests.support.pages import signed_in, words
from tests.world import World

pytestmark = pytest.mark.django_db
NOTHING = {
    "longest_days": "",
    "makers": "everybody",
    "unused_days": "",
    "on_leak": "revoke",
}


def address(world: World) -> str:
    return reverse("key_policy", args=[world.organization.slug])


def save(world: World, user: User | None = None, **rules: str) -> Any:
    return signed_in(user or world.owner).post(address(world), {**NOTHING, **rules})


def rules(world: World) -> dict[str, Any]:
    return KeyPolicy.of(world.organization).rules


def events() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(act=Action.KEY_POLICY_CHANGED).order_by("pk"))


def test_without_a_policy_nothing_is_asked(world: World) -> None:
    assert rules(world) == {
        "longest_days": None,
        "expiry_required": False,
        "makers": KeyMakers.EVERYBODY,
        "unused_days": None,
        "on_leak": LeakResponse.REVOKE,
    }
    assert save(world).status_code == 302
    assert events() == []
    assert not KeyPolicy.objects.exists()


def test_every_rule_can_be_set_and_is_written_down_before_and_after(world: World) -> None:
    response = save(
        world,
        longest_days="90",
        expiry_required="on",
        makers="admins",
        unused_days="30",
        on_leak="notify",
    )
    assert response.status_code == 302
    assert rules(world) == {
        "longest_days": 90,
        "expiry_required": True,
        "makers": "admins",
        "unused_days": 30,
        "on_leak": "notify",
    }
    save(world, makers="admins", longest_days="60")
    first, second = events()
    assert (first.organization, first.actor) == (world.organization, world.owner)
    assert first.values_before["longest_days"] is None
    assert first.values_after["unused_days"] == 30
    assert second.values_before == {
        "longest_days": 90,
        "expiry_required": True,
        "unused_days": 30,
        "on_leak": "notify",
    }
    assert second.values_after == {
        "longest_days": 60,
        "expiry_required": False,
        "unused_days": None,
        "on_leak": "revoke",
    }
    assert KeyPolicy.objects.count() == 1


@pytest.mark.parametrize("field", ["longest_days", "unused_days"])
@pytest.mark.parametrize("value", ["0", "-1", "3651", "1.5", "x", "9" * 30, "1e3", "\x00"])
def test_a_number_of_days_that_is_none_is_refused_at_its_field(
    world: World, field: str, value: str
) -> None:
    response = save(world, **{field: value})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert not KeyPolicy.objects.exists()


@pytest.mark.parametrize("field", ["makers", "on_leak"])
@pytest.mark.parametrize("value", ["", "nobody"])
def test_a_choice_that_is_none_is_refused_at_its_field(
    world: World, field: str, value: str
) -> None:
    response = save(world, **{field: value})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]


def test_the_page_says_how_many_keys_are_outside_each_rule_and_leads_to_them(world: World) -> None:
    page = signed_in(world.owner).get(address(world))
    assert "Active keys that never expire: 1" in words(page)
    assert "Active keys that were unused for 30 days: none" in words(page)
    assert "exceed this limit" not in words(page)
    hoard(world.research, world.owner, 2, days=40, expires_at=timezone.now() + 60 * DAY)
    save(world, longest_days="90")
    page = signed_in(world.owner).get(address(world))
    assert "Active keys that exceed this limit: 3" in words(page)
    assert "Active keys that were unused for 30 days: 2" in words(page)
    for look in ("never-expires", "outlives-policy", "unused-30"):
        assert f'href="../?look={look}"' in page.content.decode()


def test_a_rule_that_revokes_keys_at_once_says_how_many_before_and_after(world: World) -> None:
    hoard(world.research, world.owner, 3, days=40)
    refused = save(world, unused_days="30")
    assert refused.status_code == 409
    said = "3 active keys have been unused for 30 days or longer. This rule revokes them within a minute"
    assert said in words(refused)
    assert 'name="revoking" value="3"' in refused.content.decode()
    assert not KeyPolicy.objects.exists()
    saved = signed_in(world.owner).post(
        address(world), {**NOTHING, "unused_days": "30", "revoking": "3"}, follow=True
    )
    assert "Key policy saved. 3 unused keys will be revoked within a minute." in words(saved)
    assert rules(world)["unused_days"] == 30


def test_more_keys_than_were_agreed_to_are_asked_about_again(world: World) -> None:
    hoard(world.research, world.owner, 3, days=40)
    assert save(world, unused_days="30", revoking="2").status_code == 409
    assert save(world, unused_days="30", revoking="-1").status_code == 422
    assert save(world, unused_days="30", revoking="3").status_code == 302


def test_a_rule_that_becomes_milder_or_revokes_nothing_is_simply_saved(world: World) -> None:
    save(world, unused_days="60")
    one(world.research, world.owner, "late", days=90)
    assert save(world, unused_days="80").status_code == 302, "the worker revokes it anyway"
    assert save(world, unused_days="70").status_code == 409
    assert save(world, unused_days="").status_code == 302


def test_another_companys_keys_are_not_counted(world: World) -> None:
    hoard(world.other_project, world.stranger, 5, days=40)
    assert save(world, unused_days="30").status_code == 302
    assert KeyPolicy.of(world.other_organization).unused_days is None


def test_the_right_is_read_again_under_the_lock(world: World) -> None:
    given: Any = {**KeyPolicy().rules, "longest_days": 7}
    for person in (world.member, world.project_admin, world.external_admin):
        with pytest.raises(PermissionDenied):
            change_policy(actor=Actor.of_user(person), organization=world.organization, **given)
        assert save(world, person, longest_days="7").status_code == 403
    hoard(world.research, world.owner, days=40)
    given["unused_days"] = 30
    with pytest.raises(Conflict):
        change_policy(actor=Actor.of_user(world.admin), organization=world.organization, **given)
    assert not KeyPolicy.objects.exists()


SENTENCES = {
    "makers": ("admins", "Only Project Admins, the Owner and Admins can create and rotate keys."),
    "longest_days": ("90", "Secrets live for at most 90 days."),
    "expiry_required": ("on", "Every key must expire."),
    "unused_days": ("1", "Keys unused for 1 day are revoked."),
    "on_leak": ("notify", "Admins are notified of leaked keys."),
}


@pytest.mark.parametrize("rule", SENTENCES)
def test_someone_who_reads_the_settings_reads_the_policy(world: World, rule: str) -> None:
    path = reverse("organization_settings", args=[world.organization.slug])
    assert "Everyone with access to a project can create" in words(
        signed_in(world.member).get(path)
    )
    value, sentence = SENTENCES[rule]
    save(world, **{rule: value})
    page = signed_in(world.member).get(path)
    assert sentence in words(page)
    assert address(world) not in page.content.decode()
    assert address(world) in signed_in(world.admin).get(path).content.decode()


def create(world: World, user: User, name: str, **data: str) -> int:
    path = reverse("api_key_create", args=[world.research.slug])
    return signed_in(user).post(path, {"name": name, **data}).status_code


def test_no_raw_post_gets_past_the_rules_on_expiry(world: World) -> None:
    """The service's own refusals are in test_policy_in_acts.py."""
    number, near = ApiKey.objects.count(), (timezone.now() + 5 * DAY).date().isoformat()
    far = (timezone.now() + 50 * DAY).date().isoformat()
    save(world, expiry_required="on")
    assert create(world, world.owner, "endless") in (409, 422)
    save(world, longest_days="10")
    assert create(world, world.owner, "endless") in (409, 422)
    assert create(world, world.owner, "long", expires=far) in (409, 422)
    assert ApiKey.objects.count() == number
    assert create(world, world.owner, "short", expires=near) == 200
    assert ApiKey.objects.count() == number + 1


def on_key(world: World, user: User, act: str, **data: str) -> int:
    path = reverse(f"api_key_{act}", args=[world.research.slug, world.key.public_id])
    return signed_in(user).post(path, data).status_code


def test_no_raw_post_moves_the_end_of_a_key_past_the_rules(world: World) -> None:
    KeyPolicy.objects.create(organization=world.organization, longest_days=10)
    far = (timezone.now() + 50 * DAY).date().isoformat()
    near = (timezone.now() + 5 * DAY).date().isoformat()
    for data in ({"expires": far}, {"expires": ""}, {"expires": "30d"}):
        assert on_key(world, world.owner, "expiration", **data) in (409, 422)
    assert ApiKey.objects.get(pk=world.key.pk).expires_at is None
    assert on_key(world, world.owner, "expiration", expires=near) == 302
    end = ApiKey.objects.get(pk=world.key.pk).expires_at
    assert on_key(world, world.owner, "expiration_cancel") == 409
    assert ApiKey.objects.get(pk=world.key.pk).expires_at == end


def test_who_may_make_no_keys_rotates_none_and_revokes_them_all_the_same(world: World) -> None:
    save(world, makers="admins")
    secrets = world.key.secrets.count()
    for person in (world.project_member, world.external):
        assert on_key(world, person, "rotate", overlap="24") == 403
    assert world.key.secrets.count() == secrets
    assert on_key(world, world.project_admin, "rotate", overlap="24") == 200
    assert on_key(world, world.project_member, "rename", name="still theirs to name") == 302
    assert on_key(world, world.project_member, "revoke") == 302


def test_no_raw_post_gets_past_the_rule_on_who_makes_keys(world: World) -> None:
    number = ApiKey.objects.count()
    save(world, makers="admins")
    for person in (world.project_member, world.external):
        assert create(world, person, "mine") == 403
    assert ApiKey.objects.count() == number
    for person in (world.project_admin, world.external_admin, world.admin):
        assert create(world, person, f"of {person.name}") == 200
