"""Nothing inline, which the CSP would refuse anyway, and colours in `tokens.css` alone."""

import re

import pytest

from tests.checks.source import APPS, ROOT, python_files

INLINE = {
    "a style attribute": re.compile(r"""\sstyle\s*=""", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "a script without src": re.compile(r"<script\b(?![^>]*\ssrc=)", re.IGNORECASE),
    "a script with a body": re.compile(r"<script\b[^>]*>(?!\s*</script>)", re.IGNORECASE),
    "an event attribute": re.compile(r"""\son[a-z]+\s*=\s*["']""", re.IGNORECASE),
    "a javascript: address": re.compile(r"""["']\s*javascript:""", re.IGNORECASE),
    # Not in href, where `#add` is a place on the page.
    "a colour": re.compile(r"""(?<!href)=\s*["']#(?:[0-9a-f]{3,4}){1,2}["']""", re.IGNORECASE),
}
NAMES = "white|black|red|green|blue|gray|grey|orange|yellow|purple|silver"
CSS_COLOURS = [
    # In a value, not in a selector: `#add {` is an id.
    re.compile(r":[^;{}]*#(?:[0-9a-f]{3,4}){1,2}\b[^;{}]*[;}]", re.IGNORECASE),
    re.compile(r"\b(?:rgba?|hsla?|hwb|oklch|oklab|lch|lab)\(", re.IGNORECASE),
    re.compile(rf":[^;{{}}]*(?<![-\w.])(?:{NAMES})(?![-\w])[^;{{}}]*[;}}]", re.IGNORECASE),
]
CODE_COLOUR = re.compile(r"""["']#[0-9a-f]{6}\b""", re.IGNORECASE)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def inline_things(html: str) -> list[str]:
    return [what for what, pattern in INLINE.items() if pattern.search(html)]


def css_colours(css: str) -> list[str]:
    text = COMMENT.sub("", css)
    return [match.group() for pattern in CSS_COLOURS for match in pattern.finditer(text)]


def test_templates_hold_nothing_inline() -> None:
    templates = {
        path: inline_things(path.read_text()) for path in (ROOT / "templates").rglob("*.html")
    }
    assert {path: found for path, found in templates.items() if found} == {}


def test_only_the_tokens_hold_colours() -> None:
    sheets = [path for path in (ROOT / "static").rglob("*.css") if path.name != "tokens.css"]
    code = [*python_files(*APPS), *(ROOT / "static").rglob("*.js")]
    found = {path: css_colours(path.read_text()) for path in sheets}
    found |= {path: CODE_COLOUR.findall(path.read_text()) for path in code}
    assert {path: colours for path, colours in found.items() if colours} == {}


@pytest.mark.parametrize(
    "html",
    [
        '<p style="color: red">',
        "<style>p {}</style>",
        "<script>alert(1)</script>",
        '<script src="/x.js">alert(1)</script>',
        '<a onclick="go()">',
        '<a href="javascript:go()">',
        '<path fill="#3457e0">',
    ],
)
def test_an_inline_thing_is_found(html: str) -> None:
    assert inline_things(html) != []


def test_what_is_allowed_in_a_template_is_not_found() -> None:
    assert inline_things('<script type="module" src="/c.js"></script><a href="#add">') == []


@pytest.mark.parametrize(
    "css",
    [
        "p { color: #fff; }",
        "p { color:#3457e0 }",
        "p { color: rgb(0 0 0 / 5%) }",
        "p { color: white; }",
    ],
)
def test_a_colour_is_found(css: str) -> None:
    assert css_colours(css) != []


@pytest.mark.parametrize(
    "css",
    [
        "#add { top: 0; }",
        "a:hover #fee { top: 0; }",
        "p { color: var(--white); white-space: pre; }",
    ],
)
def test_what_is_no_colour_is_not_found(css: str) -> None:
    assert css_colours(css) == []
