"""Initials and colors that stand for people, organizations and projects."""

import zlib

HUES = 8


def compute_initials(name: str) -> str:
    """Returns two letters for an avatar: of the first and last word, else the first two characters."""
    words = [word for word in name.replace("@", " ").split() if word[0].isalnum()]
    if len(words) > 1:
        return (words[0][0] + words[-1][0]).upper()
    return (words[0] if words else name)[:2].upper()


def compute_hue(public_id: str) -> int:
    """Returns a number from 0 to 7 that is always the same for `public_id`."""
    return zlib.crc32(public_id.encode()) % HUES
