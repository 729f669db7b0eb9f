"""Masks secrets in our formats wherever they occur in a text, such as a log line."""

import re

# Every secret is `<prefix>_` and at least 49 base62 characters. Truncated or mistyped ones are masked
# too, because the missing characters could be guessed and checked offline. Public ids have 20 characters
# and are kept. Anything may precede the prefix (an escape, a name, another secret).
LINE, BODY = r"(?:_|%5[Ff])", r"[0-9A-Za-z]{24,}"
SECRET = re.compile(rf"([a-z]{{2}}{LINE}){BODY}(?:{LINE}{BODY})*")
# Links in emails that carry a key of another form: to reset a password, to cancel a reset of second factors,
# and to unsubscribe.
PART = r"[^/\s\"]+/"
LINK_PATHS = (
    rf"/password/reset/key/|/accounts/factor-reset/{PART}|/accounts/unsubscribe/{PART}{PART}"
)
LINK_KEY = re.compile(rf"({LINK_PATHS})[^/\s\"]+")


def mask_secrets(text: str) -> str:
    """Returns `text` with an ellipsis in place of the secret part of secrets and of links in emails."""
    return LINK_KEY.sub(r"\1…", SECRET.sub(r"\1…", text))
