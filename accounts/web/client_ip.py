"""The IP address of a request, parsed, never as text from a header."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
CUSTOMER_PREFIX = 64  # bits: what one customer of an IPv6 provider has at least


def get_client_ip(request: HttpRequest) -> str:
    """Returns the client's IP address in its one spelling; empty when there is none.

    `X-Forwarded-For` counts only as far as our own proxies wrote it (`TRUSTED_PROXIES`). Ports and
    brackets are dropped, and IPv4 inside IPv6 is IPv4.
    """
    address = get_forwarded_address(request)
    address = address or parse_address(str(request.META.get("REMOTE_ADDR", "")))
    return str(address) if address else ""


def get_forwarded_address(request: HttpRequest) -> Address | None:
    """Returns the address that our own proxies say the request came from; None if they say none."""
    hops = settings.TRUSTED_PROXIES
    if not hops:
        return None
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    return parse_address(forwarded[-hops]) if len(forwarded) >= hops else None


def parse_address(text: str) -> Address | None:
    """Returns the address in `text`, with or without a port, brackets and a zone; None if there is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def get_client_network(ip: str) -> str:
    """Returns what one client is counted by: an IPv4 address, or the /64 of an IPv6 address."""
    address = parse_address(ip)
    if address is None or address.version == 4:
        return ip
    return str(ipaddress.ip_network((address, CUSTOMER_PREFIX), strict=False))
