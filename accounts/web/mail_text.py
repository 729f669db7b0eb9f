"""Text of emails: names that customers chose must not become links in a mail that the console sends."""

import re

from django.conf import settings

# Between the labels of what a mail program would make a link of; it has no width and breaks no line.
WORD_JOINER = "\u2060"
WORD = re.compile(r"\S+")
# Names are never alone in a line and hold no "://"; where a leaked secret was found is.
URL_LINE = re.compile(r"[ \t]*https?://\S+[ \t]*")
EMAIL_ADDRESS = re.compile(r"[<(\"']*[^@\s/:]+@[\w-]+(\.[\w-]+)+[>)\"'.,;:!?]*")
# A dot before what could be a top-level domain.
DOT_OF_HOST = re.compile(r"(?<=[\w-])\.(?=[^\W\d_]{2,})")


def defuse_links(text: str) -> str:
    """Returns the text in which only email addresses, own URLs and URLs on their own lines become links."""
    return "\n".join(
        line if URL_LINE.fullmatch(line) else WORD.sub(defuse_word, line)
        for line in text.split("\n")
    )


def defuse_word(match: re.Match[str]) -> str:
    word = match.group()
    is_own_url = word.lstrip("<(\"'").startswith((f"{settings.BASE_URL}/", f"{settings.BASE_URL}?"))
    if is_own_url or EMAIL_ADDRESS.fullmatch(word):
        return word
    return DOT_OF_HOST.sub(f".{WORD_JOINER}", word.replace("://", f":{WORD_JOINER}//"))
