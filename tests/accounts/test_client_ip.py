"""Where a request comes from: an address, whatever text proxies and clients write around it."""

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from accounts.web.client_ip import get_client_ip, get_client_network


def client_ip(forwarded: str, remote: str = "10.0.0.1") -> str:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return get_client_ip(RequestFactory().get("/", headers=headers, REMOTE_ADDR=remote))


@pytest.mark.parametrize(
    ("forwarded", "ip"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("203.0.113.9:51234", "203.0.113.9"),
        ("198.51.100.7, 203.0.113.9:51235", "203.0.113.9"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("[::ffff:203.0.113.9]:80", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::1"),
        ("unknown", "10.0.0.1"),
        ("203.0.113.9\x00", "10.0.0.1"),
        ("999.1.1.1", "10.0.0.1"),
        ("", "10.0.0.1"),
    ],
)
def test_behind_a_proxy_the_address_is_what_it_wrote(
    settings: Settings, forwarded: str, ip: str
) -> None:
    settings.TRUSTED_PROXIES = 1
    assert client_ip(forwarded) == ip


def test_without_a_proxy_the_header_is_not_read(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 0
    assert client_ip("203.0.113.9") == "10.0.0.1"
    assert client_ip("203.0.113.9", remote="") == ""


def test_two_proxies_vouch_for_two_entries(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 2
    assert client_ip("6.6.6.6, 203.0.113.9:1, 192.0.2.1") == "203.0.113.9"


def test_a_customer_of_an_ipv6_provider_is_counted_once() -> None:
    first, second = (get_client_network(f"2001:db8:1:2:{last}::1") for last in ("aaaa", "bbbb"))
    assert first == second == "2001:db8:1:2::/64"
    assert get_client_network("2001:db8:1:3::1") != first
    assert get_client_network("203.0.113.9") == "203.0.113.9"
