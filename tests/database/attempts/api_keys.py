"""One write for each constraint of keys that goes past the code; part of every_constraint.py."""

from collections.abc import Callable

from django.utils import timezone

from accounts.actors import Actor
from keys.credentials.services import create_credential
from keys.models import ApiKey, KeyPolicy, KeySecret, LeakReport, ServiceCredential
from tests.database.writes import changed, copied
from tests.support.clock import DAY
from tests.world import World


def secret(world: World) -> KeySecret:
    return KeySecret.objects.get(api_key=world.key)


def default_key(world: World) -> ApiKey:
    return world.default.api_keys.default_key()


def policy(world: World) -> KeyPolicy:
    return KeyPolicy.objects.get_or_create(organization=world.organization)[0]


def credential(world: World) -> ServiceCredential:
    found = ServiceCredential.objects.filter(name="gateway").first()
    return found or create_credential(actor=Actor.of_user(world.staff), name="gateway").credential


def leak(world: World) -> LeakReport:
    given = {"secret": secret(world), "url": "https://code.example/1"}
    return LeakReport.objects.get_or_create(**given, defaults={"revoked": False})[0]


def credential_leak(world: World) -> LeakReport:
    given = {"credential": credential(world), "url": "https://code.example/1"}
    return LeakReport.objects.get_or_create(**given, defaults={"revoked": False})[0]


KEY_ATTEMPTS: dict[str, tuple[str, Callable[[World], object]]] = {
    "apikey_name_once_unrevoked": (
        "keys_apikey.project_id, keys_apikey.name",
        lambda w: copied(w.key, form_token=None),
    ),
    "apikey_one_default": (
        "keys_apikey.project_id",
        lambda w: copied(default_key(w), form_token=None),
    ),
    "apikey_expires_after_creation": (
        "apikey_expires_after_creation",
        lambda w: changed(w.key, expires_at=w.key.created_at - DAY),
    ),
    "apikey_default_stays": (
        "apikey_default_stays",
        lambda w: changed(default_key(w), revoked_at=timezone.now()),
    ),
    "apikey_only_default_is_sealed": (
        "apikey_only_default_is_sealed",
        lambda w: changed(w.key, sealed_secret="1:c2VjcmV0"),
    ),
    "apikey_kind_known": (
        "apikey_kind_known",
        lambda w: copied(w.key, name="another", form_token=None, kind="master"),
    ),
    "keysecret_one_current": (
        "keys_keysecret.api_key_id",
        lambda w: copied(secret(w), mac=b"another"),
    ),
    "keysecret_ends_after_creation": (
        "keysecret_ends_after_creation",
        lambda w: changed(secret(w), ends_at=secret(w).created_at - DAY),
    ),
    "keypolicy_longest_days_sane": (
        "keypolicy_longest_days_sane",
        lambda w: changed(policy(w), longest_days=0),
    ),
    "keypolicy_unused_days_sane": (
        "keypolicy_unused_days_sane",
        lambda w: changed(policy(w), unused_days=9999),
    ),
    "keypolicy_makers_known": (
        "keypolicy_makers_known",
        lambda w: changed(policy(w), makers="nobody"),
    ),
    "keypolicy_on_leak_known": (
        "keypolicy_on_leak_known",
        lambda w: changed(policy(w), on_leak="panic"),
    ),
    "leakreport_once_a_place": (
        "keys_leakreport.secret_id, keys_leakreport.url",
        lambda w: copied(leak(w)),
    ),
    "leakreport_credential_once_a_place": (
        "keys_leakreport.credential_id, keys_leakreport.url",
        lambda w: copied(credential_leak(w)),
    ),
    "leakreport_of_one_secret": (
        "leakreport_of_one_secret",
        lambda w: changed(leak(w), credential=credential(w)),
    ),
    "servicecredential_name_once_unrevoked": (
        "keys_servicecredential.name",
        lambda w: copied(credential(w), mac=b"another"),
    ),
}
