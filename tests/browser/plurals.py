"""What a page counts in the wrong number, such as “1 members”."""

import html
import re
from collections.abc import Iterator

TAG = re.compile(r"<script.*?</script>|<[^>]*>", re.DOTALL)
COUNTED = (
    "members|people|externals|collaborators|projects|organizations|keys|secrets|tokens|invitations"
    "|requests|events|records|entries|rows|days|hours|minutes|products|prices|terminals|users"
    "|memberships|emails|mails|units|items"
)
ONE = re.compile(rf"(?<![\w.,$:/-])1\s+(?:[A-Za-z]+\s+)?(?:{COUNTED})\b")


def find_plurals_of_one(source: str) -> Iterator[str]:
    """Yields what the elements of a page say of one thing in the plural."""
    for text in TAG.split(source):
        if match := ONE.search(html.unescape(text)):
            yield match.group()
