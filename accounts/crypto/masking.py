"""Masks every secret of our formats, wherever in a text it may have slipped in."""

import re

# Every secret is `<prefix>_` and at least 49 base62 characters. Cut or mistyped ones are masked too:
# what is missing could be guessed and checked offline. Public ids have 20 characters and stay. What
# stands before the prefix does not matter (an escape, a name, another secret).
LINE, BODY = r"(?:_|%5[Ff])", r"[0-9A-Za-z]{24,}"
SECRET = re.compile(rf"([a-z]{{2}}{LINE}){BODY}(?:{LINE}{BODY})*")
# Password-reset links carry their key in the path.
RESET_KEY = re.compile(r"(/password/reset/key/)[^/\s\"]+")


def mask_secrets(text: str) -> str:
    """`text` with the secret part of secrets and reset links replaced by an ellipsis."""
    return RESET_KEY.sub(r"\1…", SECRET.sub(r"\1…", text))
