"""Text of emails: names that customers chose must not become links in a mail that the console sends."""

import re

from django.conf import settings

# Between the labels of what a mail program would make a link of; it has no width and breaks no line.
WORD_JOINER = "\u2060"
WORD = re.compile(r"\S+")
EMAIL_ADDRESS = re.compile(r"[<(\"']*[^@\s/:]+@[\w-]+(\.[\w-]+)+[>)\"'.,;:!?]*")
# A dot before what could be a top-level domain.
DOT_OF_HOST = re.compile(r"(?<=[\w-])\.(?=[^\W\d_]{2,})")


def defuse_links(text: str) -> str:
    """Returns the text with only the console's own URLs and email addresses left as links."""
    return WORD.sub(lambda match: defuse_word(match.group()), text)


def defuse_word(word: str) -> str:
    is_own_url = word.lstrip("<(\"'").startswith((f"{settings.BASE_URL}/", f"{settings.BASE_URL}?"))
    if is_own_url or EMAIL_ADDRESS.fullmatch(word):
        return word
    return DOT_OF_HOST.sub(f".{WORD_JOINER}", word.replace("://", f":{WORD_JOINER}//"))
