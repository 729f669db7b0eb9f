"""URLs and contacts in the environment: which are accepted, and that all others are refused by name."""

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from console.environment import (
    base_url,
    is_web_url,
    read_api_url,
    read_contact,
    read_security_contact,
)

URLS = [
    "https://api.example.com",
    "https://api.example.com/v1",
    "https://api.example.com:8443/v1?a=b#c",
    "http://127.0.0.1:8000",
    "http://[::1]:8000/v1",
    "HTTPS://Api.Example.com/v1",
    "https://xn--bcher-kva.example/hilfe",
    "https://b\u00fccher.example/hilfe",
    "http://gateway",
    "https://my_gateway.internal",
]
NO_URLS = [
    *("", "https://", "https:", "https:api.example.com", "https:///v1", "api.example.com"),
    *("ftp://api.example.com", "javascript://api.example.com/%0aalert(1)", "//api.example.com"),
    *("https://[api", "https://[::1", "https://api.example.com:port", "https://api.example.com:0"),
    *("https://api.example.com:65536", "https://api.example.com:", "https://:8443", "https://?a"),
    *("https://user@api.example.com", "https://user:secret@api.example.com", "https://@host"),
    *("https://api example.com", "https://api.example.com/a b", "https://api.example.com/\n"),
    *("https://api\t.example.com", "https://api.example.com\x00", "https://api.example.com\u200b"),
    *("https://api..example.com", "https://.example.com", "https://-api.example.com", "https://."),
    *("https://api.example.com\\@evil.example", 'https://api.example.com/"', "https://<host>"),
]


@pytest.mark.parametrize("text", URLS)
def test_a_url_is_accepted(text: str) -> None:
    assert is_web_url(text)


@pytest.mark.parametrize("text", NO_URLS)
def test_what_is_no_url_is_refused(text: str) -> None:
    assert not is_web_url(text)


def read(name: str, text: str) -> str:
    env = environ.Env()
    env.ENVIRON = {name: text}
    match name:
        case "BASE_URL":
            return base_url(env, "")
        case "API_URL":
            return read_api_url(env)
        case "SUPPORT_CONTACT":
            return read_contact(env, "Console <console@example.com>", demo=False)
    return read_security_contact(env)


@pytest.mark.parametrize("name", ["BASE_URL", "API_URL", "SUPPORT_CONTACT", "SECURITY_CONTACT"])
@pytest.mark.parametrize("text", [text for text in NO_URLS if text and text == text.strip()])
def test_every_setting_refuses_it_by_name(name: str, text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=name):
        read(name, text)


ACCEPTED = [
    ("BASE_URL", "https://console.example.com/", "https://console.example.com"),
    ("BASE_URL", "https://Console.Example.com:8443", "https://console.example.com:8443"),
    ("BASE_URL", "http://[::1]:8000", "http://[::1]:8000"),
    ("API_URL", "https://api.example.com/v1/", "https://api.example.com/v1"),
    ("SUPPORT_CONTACT", "https://b\u00fccher.example/hilfe", "https://b\u00fccher.example/hilfe"),
    ("SUPPORT_CONTACT", "help@example.com", "help@example.com"),
    ("SUPPORT_CONTACT", "", "console@example.com"),
    ("SECURITY_CONTACT", "security@example.com", "mailto:security@example.com"),
    ("SECURITY_CONTACT", "mailto:security@example.com", "mailto:security@example.com"),
    ("SECURITY_CONTACT", "https://example.com/report", "https://example.com/report"),
    ("SECURITY_CONTACT", "tel:+1-201-555-0123", "tel:+1-201-555-0123"),
    ("SECURITY_CONTACT", "", ""),
]


@pytest.mark.parametrize(("name", "text", "expected"), ACCEPTED)
def test_every_setting_accepts_what_is_right(name: str, text: str, expected: str) -> None:
    assert read(name, text) == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("BASE_URL", "https://console.example.com/below"),
        ("BASE_URL", "https://console.example.com?a=b"),
        ("BASE_URL", "https://console.example.com#a"),
        ("BASE_URL", "https://b\u00fccher.example"),
        ("BASE_URL", "http://console.example.com"),
        *(
            ("SUPPORT_CONTACT", text)
            for text in ("@", "help@", "@example.com", "mailto:a@b.example")
        ),
        *(
            ("SECURITY_CONTACT", text)
            for text in ("@", "mailto:", "mailto:@", "tel:", "tel:call us")
        ),
        ("SECURITY_CONTACT", "http://example.com/report"),
        ("SECURITY_CONTACT", "https://b\u00fccher.example"),
    ],
)
def test_what_only_looks_right_is_refused(name: str, text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=name):
        read(name, text)
