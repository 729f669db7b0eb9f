"""Initials and colours that stand for people, organizations and projects."""

import zlib

HUES = 8


def compute_initials(name: str) -> str:
    """Two letters for an avatar: of the first and last word, else the first two characters."""
    words = [word for word in name.replace("@", " ").split() if word[0].isalnum()]
    if len(words) > 1:
        return (words[0][0] + words[-1][0]).upper()
    return (words[0] if words else name)[:2].upper()


def compute_hue(public_id: str) -> int:
    """A number from 0 to 7 that stays with the thing."""
    return zlib.crc32(public_id.encode()) % HUES
