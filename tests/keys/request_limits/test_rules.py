"""Models and IP ranges: what is refused, in which order, and that nothing gets around it."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from pytest_django import Settings

from accounts.actors import Actor
from keys.api_keys.services import revoke_key
from keys.models import RequestLimits
from keys.request_limits.values import clean_models, clean_ranges
from tests.keys.helpers.gateway_client import auth, queries_of, verify
from tests.keys.request_limits.setup import ask, limit
from tests.usage.budgets.setup import new_budget
from tests.world import World

pytestmark = pytest.mark.django_db
DOCUMENTATION = ["192.0.2.0/24", "2001:db8::/32"]
INSIDE = {"client_ip": "192.0.2.7"}


@pytest.mark.parametrize(
    ("ip", "code"),
    [
        ("192.0.2.0", "valid"),
        ("192.0.2.255", "valid"),
        ("192.0.3.0", "address"),
        ("2001:db8:ffff::1", "valid"),
        ("2001:db9::", "address"),
        # IPv4 within IPv6 is IPv4, in both spellings.
        ("::ffff:192.0.2.7", "valid"),
        ("::ffff:c000:0207", "valid"),
        ("::ffff:198.51.100.1", "address"),
        # Not the same address, although it looks like it.
        ("::192.0.2.7", "address"),
        ("64:ff9b::192.0.2.7", "address"),
        # As gateways write it.
        ("192.0.2.7:443", "valid"),
        ("[2001:db8::7]:443", "valid"),
        ("2001:db8::7%eth0", "valid"),
    ],
)
def test_an_address_is_in_a_range_or_refused(
    world: World, credential: str, ip: str, code: str
) -> None:
    limit(world.key, ip_ranges=DOCUMENTATION)
    assert ask(credential, world, client_ip=ip) == code


@pytest.mark.parametrize(
    ("ranges", "inside", "outside"),
    [
        (["0.0.0.0/0"], ["1.2.3.4", "::ffff:1.2.3.4"], ["2001:db8::1"]),
        (["::/0"], ["2001:db8::1"], ["1.2.3.4", "::ffff:1.2.3.4"]),
        (["192.0.2.7/32", "192.0.2.0/24"], ["192.0.2.7", "192.0.2.8"], ["192.0.3.7"]),
        (["192.0.2.7/32"], ["192.0.2.7"], ["192.0.2.8"]),
    ],
)
def test_wide_and_overlapping_ranges_hold_for_their_own_version(
    world: World, credential: str, ranges: list[str], inside: list[str], outside: list[str]
) -> None:
    limit(world.key, ip_ranges=ranges)
    assert {ask(credential, world, client_ip=ip) for ip in inside} == {"valid"}
    assert {ask(credential, world, client_ip=ip) for ip in outside} == {"address"}


@pytest.mark.parametrize(
    "ip", ["", "localhost", "192.0.2", "192.0.2.07", "1.2.3.4/8", "192.0.2.7, x"]
)
def test_what_is_no_address_is_422(world: World, credential: str, ip: str) -> None:
    answer = verify(credential, world.key_secret, said={"client_ip": ip})
    assert (answer.status_code, answer.json()["error"]["param"]) == (422, "client_ip")


def test_a_range_has_to_be_said_in_one_way() -> None:
    given = ["::ffff:192.0.2.0/120", "192.0.2.0/24", "2001:DB8:0::/32", "198.51.100.7", "::1"]
    assert clean_ranges(given).split() == [
        *("192.0.2.0/24", "2001:db8::/32", "198.51.100.7/32", "::1/128")
    ]
    assert clean_ranges(["::ffff:0:0/96"]) == "0.0.0.0/0"
    for wrong in ("192.0.2.7/24", "192.0.2.0/33", "example.com", "fe80::1%eth0", "10.0.0", "1"):
        with pytest.raises(ValidationError):
            clean_ranges([wrong])
    with pytest.raises(ValidationError, match=r"Did you mean 192\.0\.2\.0/24"):
        clean_ranges(["192.0.2.7/24"])
    with pytest.raises(ValidationError, match="at most 100"):
        clean_ranges([f"192.0.2.{number}" for number in range(101)])


def test_names_of_models_are_stored_in_lower_case_once() -> None:
    assert clean_models(["Llama-3.3-70B", "llama-3.3-70b", "org/Model:7b@v1"]).split() == [
        *("llama-3.3-70b", "org/model:7b@v1")
    ]
    for wrong in ("gpt 4", "gpt*", "a,b", "modèle", "x" * 101, "a\x00"):
        with pytest.raises(ValidationError):
            clean_models([wrong])


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("llama-3.3-70b", "valid"),
        ("LLaMA-3.3-70B", "valid"),
        (" llama-3.3-70b ", "valid"),
        ("llama-3.3-70", "model"),
        ("llama-3.3-70b-turbo", "model"),
        ("llama-3.3-70b,other", "model"),
        ("llama-3.3-70b\nother", "model"),
        ("*", "model"),
        ("", "model_required"),
        ("  ", "model_required"),
        (None, "model_required"),
        ("x" * 3_000, "model"),
    ],
)
def test_only_allowed_models_pass(world: World, credential: str, said: Any, code: str) -> None:
    limit(world.key, model_rule="allow", model_names=["llama-3.3-70b", "other"])
    assert ask(credential, world, model=said) == code


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("another", "valid"),
        ("Costly", "model"),
        # No model is called so; and two headers arrive as one with a comma.
        ("co\u017ftly", "model"),
        ("another, costly", "model"),
        ("", "model_required"),
    ],
)
def test_denied_models_do_not(world: World, credential: str, said: str, code: str) -> None:
    limit(world.research, model_rule="deny", model_names=["costly"])
    assert ask(credential, world, model=said) == code


def test_both_the_key_and_its_project_must_allow_it(world: World, credential: str) -> None:
    limit(world.key, model_rule="allow", model_names=["a", "b"], ip_ranges=["192.0.2.0/24"])
    limit(world.research, model_rule="deny", model_names=["b"], ip_ranges=["192.0.0.0/16"])
    assert ask(credential, world, model="a", **INSIDE) == "valid"
    assert ask(credential, world, model="b", **INSIDE) == "model"
    assert ask(credential, world, model="c", **INSIDE) == "model"
    assert ask(credential, world, model="a", client_ip="192.0.9.1") == "address"


def test_the_order_of_refusals(world: World, credential: str) -> None:
    limit(world.key, model_rule="allow", model_names=["a"], ip_ranges=DOCUMENTATION)
    limit(world.research, requests_per_day=1)
    assert ask(credential, world, model="a", **INSIDE) == "valid"
    new_budget(world, 0)
    outside = {"client_ip": "198.51.100.1"}
    assert ask(credential, world) == "address_required"
    assert ask(credential, world, **outside) == "address"
    assert ask(credential, world, **INSIDE) == "model_required"
    assert ask(credential, world, model="b", **INSIDE) == "model"
    stopped = verify(credential, world.key_secret, said={"model": "a", **INSIDE}).json()
    assert stopped["code"] == "budget_exceeded"
    assert "budget_id" not in verify(credential, world.key_secret, said=outside).json()
    revoke_key(actor=Actor.of_user(world.owner), key=world.key)
    assert ask(credential, world) == "revoked"


def test_limits_of_others_do_not_matter(world: World, credential: str) -> None:
    limit(world.other_key, requests_per_minute=1, model_rule="allow", model_names=["a"])
    limit(world.production, ip_ranges=["192.0.2.0/24"])
    limit(world.other_project, ip_ranges=["192.0.2.0/24"])
    assert {ask(credential, world) for _ in range(3)} == {"valid"}


def test_a_key_with_models_and_addresses_takes_one_query(world: World, credential: str) -> None:
    limit(world.key, model_rule="allow", model_names=["a"], ip_ranges=DOCUMENTATION)
    said = {"model": "a", **INSIDE}
    assert queries_of(lambda: verify(credential, world.key_secret, said=said)) == 1
    assert "limits" not in verify(credential, world.key_secret, said=said).json()


def test_they_hold_although_verdicts_are_cached(
    world: World, credential: str, settings: Settings
) -> None:
    settings.KEY_CACHE_SECONDS = 60
    limit(world.key, requests_per_minute=2, ip_ranges=DOCUMENTATION)
    codes = [ask(credential, world, **INSIDE) for _ in range(3)]
    assert codes == ["valid", "valid", "rate_limited"]
    assert ask(credential, world, client_ip="198.51.100.1") == "address"
    RequestLimits.objects.all().delete()


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"x-forwarded-for": "192.0.2.7", "x-model": "A"}, None),
        ({"x-forwarded-for": "198.51.100.1, 192.0.2.7", "x-model": "a"}, None),
        # What the client itself wrote before it does not count.
        ({"x-forwarded-for": "192.0.2.7, 198.51.100.1", "x-model": "a"}, "address"),
        ({"x-forwarded-for": "192.0.2.7,", "x-model": "a"}, "address_required"),
        ({"x-forwarded-for": "unknown", "x-model": "a"}, "address_required"),
        ({"x-real-ip": "192.0.2.7", "x-model": "a"}, "address_required"),
        ({"x-forwarded-for": "192.0.2.7"}, "model_required"),
        ({"x-forwarded-for": "192.0.2.7", "x-model": "b"}, "model"),
    ],
)
def test_forward_authentication_answers_403_with_the_reason(
    world: World, settings: Settings, headers: dict[str, str], code: str | None
) -> None:
    settings.TRUSTED_PROXIES = 1
    limit(world.key, model_rule="allow", model_names=["a"], ip_ranges=DOCUMENTATION)
    answer = auth(world.key_secret, **headers)
    if code is None:
        assert answer.status_code == 200
        return
    assert (answer.status_code, answer["X-Reason"]) == (403, code)
    assert answer.json()["error"]["code"] == code
    assert answer["Cache-Control"] == "no-store"
    assert "Retry-After" not in answer


def test_without_trusted_proxies_no_address_is_believed(world: World, settings: Settings) -> None:
    """Neither what the client says, nor the gateway's own address."""
    settings.TRUSTED_PROXIES = 0
    limit(world.key, ip_ranges=["0.0.0.0/0", "::/0"])
    for headers in ({}, {"x-forwarded-for": "192.0.2.7"}):
        assert auth(world.key_secret, **headers)["X-Reason"] == "address_required"


def test_a_proxy_that_is_missing_does_not_move_the_address(
    world: World, settings: Settings
) -> None:
    settings.TRUSTED_PROXIES = 2
    limit(world.key, ip_ranges=DOCUMENTATION)
    assert auth(world.key_secret, **{"x-forwarded-for": "192.0.2.7"}).status_code == 403
    both = {"x-forwarded-for": "198.51.100.1, 192.0.2.7, 10.0.0.1"}
    assert auth(world.key_secret, **both).status_code == 200
