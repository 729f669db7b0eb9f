"""Names of models and IP ranges as people and programs write them, in the spelling that is stored."""

import ipaddress
import re
from collections.abc import Sequence

from django.core.exceptions import ValidationError

from keys.verification.rules import MODEL_NAME, Network, fold_model

MAX_MODELS, MAX_RANGES = 200, 100
SEPARATORS = re.compile(r"[\s,]+")
MAPPED_PREFIX = 96  # bits of ::ffff:0:0/96, the IPv4 addresses within IPv6


def split_values(text: str) -> list[str]:
    """Returns the values of a text with one in each line, or with commas between them."""
    return [value for value in SEPARATORS.split(text) if value]


def clean_models(names: Sequence[str]) -> str:
    """Returns names of models as they are stored: folded, each once. Raises ValidationError."""
    for name in names:
        if not MODEL_NAME.fullmatch(name) or "*" in name:
            error = "%(name)s is not the name of a model: at most 100 printable ASCII characters without *."
            raise ValidationError(error, params={"name": shorten(name)})
    folded = dict.fromkeys(map(fold_model, names))
    require_at_most(MAX_MODELS, folded, "models")
    return "\n".join(folded)


def clean_ranges(texts: Sequence[str]) -> str:
    """Returns IP ranges as they are stored, each once. Raises ValidationError."""
    ranges = dict.fromkeys(str(parse_range(text)) for text in texts)
    require_at_most(MAX_RANGES, ranges, "IP ranges")
    return "\n".join(ranges)


def parse_range(text: str) -> Network:
    """Returns the range in CIDR notation, or the single address. IPv4 within IPv6 is IPv4.

    Raises ValidationError for anything else, also if the address is not the first one of its range.
    """
    try:
        interface = ipaddress.ip_interface(text)
    except ValueError:
        interface = None
    if interface is None or "%" in text:
        error = "%(text)s is not an IP range such as 192.0.2.0/24 or 2001:db8::/32."
        raise ValidationError(error, params={"text": shorten(text)})
    if interface.ip != interface.network.network_address:
        error = "%(text)s is not the first address of its range. Did you mean %(network)s?"
        raise ValidationError(error, params={"text": text, "network": interface.network})
    network = interface.network
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped and network.prefixlen >= MAPPED_PREFIX:
        return ipaddress.ip_network((mapped, network.prefixlen - MAPPED_PREFIX))
    return network


def require_at_most(number: int, values: Sequence[str] | dict[str, None], name: str) -> None:
    if len(values) > number:
        raise ValidationError(f"Enter at most {number} {name}.")


def shorten(text: str) -> str:
    return text if len(text) <= 50 else f"{text[:50]}…"
