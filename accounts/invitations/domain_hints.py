"""Hints at mistyped domains of email addresses. They never refuse an address."""

from collections.abc import Collection

# Domains that people mistype most. Others are learned from the members' own addresses.
COMMON = ("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "yahoo.com", "icloud.com")


def suggest_domain(domain: str, used: Collection[str]) -> str:
    """Returns the domain that was probably meant, or an empty text. `used` are the members' domains."""
    if domain in used or domain in COMMON:
        return ""
    for candidate in (*used, *COMMON):
        if is_near(domain, candidate):
            return candidate
    return ""


def is_near(text: str, other: str) -> bool:
    """Returns whether a single character was added, left out, replaced or swapped with its neighbor."""
    if len(text) > len(other):
        return is_near(other, text)
    start = 0
    while start < len(text) and text[start] == other[start]:
        start += 1
    rest, other_rest = text[start:], other[start:]
    if len(rest) < len(other_rest):
        return rest == other_rest[1:]
    swapped = rest[1::-1] + rest[2:]
    return bool(rest) and (rest[1:] == other_rest[1:] or swapped == other_rest)
