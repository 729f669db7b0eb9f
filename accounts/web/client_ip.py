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
    hops = settings.TRUSTED_PROXIES
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    texts = [forwarded[-hops]] if hops and len(forwarded) >= hops else []
    addresses = map(parse_address, [*texts, str(request.META.get("REMOTE_ADDR", ""))])
    return next((str(address) for address in addresses if address), "")


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
