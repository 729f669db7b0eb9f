"""Templates are named and filed by rule, hold nothing inline (the CSP would refuse it), and no color.

Colors are in `tokens.css` alone.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.template.loader import get_template

from tests.checks.source import APPS, ROOT, python_files

TEMPLATES = ROOT / "templates"
EXTENDS = re.compile(r"{%\s*extends\b")
PATH = re.compile(r"""(?:href|action)=["']/|{{ base_url }}/""")
NAMED = re.compile(r"""{%-?\s*(?:extends|include|from|render_rows)\s+["']([^"']+)["']""")
# What Jinja2 says and not the template, and words between tags or in attributes that are read out.
JINJA = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}", re.DOTALL)
ROW_TEXT = re.compile(
    r"""(?:^|>)[^<>]*\w[^<>]*(?=<|$)|\b(?:alt|aria-label|data-label|placeholder|title)="[^"]*\w[^"]*\""""
)
# Django and allauth choose the names in these folders; a component is a part by its folder.
OTHERS_NAMES = ("account", "django", "components")
OTHER_FOLDERS = (*OTHERS_NAMES, "admin")
# What every page extends, and what Django admin includes by this name.
WHOLE = ("document.html", "admin/color_theme_toggle.html", "admin/filter.html")

INLINE = {
    "a style attribute": re.compile(r"""\sstyle\s*=""", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "a script without src": re.compile(r"<script\b(?![^>]*\ssrc=)", re.IGNORECASE),
    "a script with a body": re.compile(r"<script\b[^>]*>(?!\s*</script>)", re.IGNORECASE),
    "an event attribute": re.compile(r"""\son[a-z]+\s*=\s*["']""", re.IGNORECASE),
    "a javascript: address": re.compile(r"""["']\s*javascript:""", re.IGNORECASE),
    # Not in href, where `#add` is a place on the page.
    "a color": re.compile(r"""(?<!href)=\s*["']#(?:[0-9a-f]{3,4}){1,2}["']""", re.IGNORECASE),
}
NAMES = "white|black|red|green|blue|gray|grey|orange|yellow|purple|silver"
CSS_COLORS = [
    # In a value, not in a selector: `#add {` is an id.
    re.compile(r":[^;{}]*#(?:[0-9a-f]{3,4}){1,2}\b[^;{}]*[;}]", re.IGNORECASE),
    re.compile(r"\b(?:rgba?|hsla?|hwb|oklch|oklab|lch|lab)\(", re.IGNORECASE),
    re.compile(rf":[^;{{}}]*(?<![-\w.])(?:{NAMES})(?![-\w])[^;{{}}]*[;}}]", re.IGNORECASE),
]
CODE_COLOR = re.compile(r"""["']#[0-9a-f]{6}\b""", re.IGNORECASE)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def inline_things(html: str) -> list[str]:
    return [what for what, pattern in INLINE.items() if pattern.search(html)]


def row_texts(partial: str) -> list[str]:
    """Words that the partial holds itself, though its rows should bring all of them."""
    return [match.group() for match in ROW_TEXT.finditer(JINJA.sub("", partial))]


def css_colors(css: str) -> list[str]:
    text = COMMENT.sub("", css)
    return [match.group() for pattern in CSS_COLORS for match in pattern.finditer(text)]


def misnamed_templates(root: Path) -> Iterator[str]:
    """Parts of pages whose names do not begin with `_`, and pages whose names do.

    A part is what extends nothing, mails aside.
    """
    for path in sorted(root.rglob("*.*")):
        name = path.relative_to(root)
        if name.parts[0] in OTHERS_NAMES or str(name) in WHOLE or name.parent.name == "mail":
            continue
        if path.name.startswith("_") == bool(EXTENDS.search(path.read_text())):
            yield str(name)


def misplaced_folders(root: Path) -> Iterator[str]:
    """Folders of templates that are not `mail` or a folder of the app's package of the same name."""
    for path in sorted(path for path in root.rglob("*") if path.is_dir()):
        folders = path.relative_to(root).parts
        if folders[0] in OTHER_FOLDERS or (len(folders) == 1 and folders[0] in APPS):
            continue
        is_package = (ROOT.joinpath(*folders) / "__init__.py").is_file() and folders[0] in APPS
        if not is_package and folders[1:] != ("mail",):
            yield "/".join(folders)


def test_parts_of_pages_are_named_as_such() -> None:
    assert list(misnamed_templates(TEMPLATES)) == []


def test_templates_lie_in_the_folders_of_the_packages() -> None:
    assert list(misplaced_folders(TEMPLATES)) == []


def test_templates_that_others_name_exist() -> None:
    texts = [path.read_text() for path in TEMPLATES.rglob("*.*")]
    names = {name for text in texts for name in NAMED.findall(text)}
    assert len(names) > 50
    for name in names:
        get_template(name, using="jinja2" if name.endswith(".jinja") else "django")


def test_urls_in_templates_are_resolved() -> None:
    texts = {path: path.read_text() for path in TEMPLATES.rglob("*.*")}
    assert {path: PATH.findall(text) for path, text in texts.items() if PATH.search(text)} == {}
    assert PATH.search('<a href="/roles/">')
    assert PATH.search("{{ base_url }}/roles/")
    assert not PATH.search("""<a href="{% url 'roles' %}">{{ base_url }}{% url "roles" %}</a>""")


def test_a_misnamed_template_is_found(tmp_path: Path) -> None:
    texts = {
        "keys/list.html": '{% extends "frame.html" %}',
        "keys/_list.html": '{% extends "frame.html" %}',
        "keys/_row.html": "<tr></tr>",
        "keys/row.html": "<tr></tr>",
        "keys/mail/leaked.txt": "It leaked.",
        "components/row.html": "<tr></tr>",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert list(misnamed_templates(tmp_path)) == ["keys/_list.html", "keys/row.html"]


def test_a_misplaced_folder_is_found(tmp_path: Path) -> None:
    for name in ("keys/leaks", "keys/mail", "keys/mails", "keys/leaks/rows", "mail", "account/x"):
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
    assert list(misplaced_folders(tmp_path)) == ["keys/leaks/rows", "keys/mails", "mail"]


def test_templates_hold_nothing_inline() -> None:
    paths = [*TEMPLATES.rglob("*.html"), *TEMPLATES.rglob("*.jinja")]
    templates = {path: inline_things(path.read_text()) for path in paths}
    assert {path: things for path, things in templates.items() if things} == {}


def test_rows_of_long_tables_bring_their_words_with_them() -> None:
    partials = {path: row_texts(path.read_text()) for path in TEMPLATES.rglob("*.jinja")}
    assert partials
    assert {path: texts for path, texts in partials.items() if texts} == {}


@pytest.mark.parametrize(
    "partial",
    [
        "<td>Never</td>",
        "<td>{{ row.name }} (you)</td>",
        '<td data-label="Status">{{ row.status }}</td>',
        '<td title="{{ row.name }} since">',
        "Never",
    ],
)
def test_text_in_a_row_is_found(partial: str) -> None:
    assert row_texts(partial) != []


def test_markup_and_values_in_a_row_are_no_text() -> None:
    row = '{# A row. #}\n<tr class="a">{% if row %}<td title="{{ row.b }}">{{ row.c }}</td>{% endif %}</tr>'
    assert row_texts(row) == []


def test_only_the_tokens_hold_colors() -> None:
    sheets = [path for path in (ROOT / "static").rglob("*.css") if path.name != "tokens.css"]
    code = [*python_files(*APPS), *(ROOT / "static").rglob("*.js")]
    found = {path: css_colors(path.read_text()) for path in sheets}
    found |= {path: CODE_COLOR.findall(path.read_text()) for path in code}
    assert {path: colors for path, colors in found.items() if colors} == {}


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
def test_a_color_is_found(css: str) -> None:
    assert css_colors(css) != []


@pytest.mark.parametrize(
    "css",
    [
        "#add { top: 0; }",
        "a:hover #fee { top: 0; }",
        "p { color: var(--white); white-space: pre; }",
    ],
)
def test_what_is_no_color_is_not_found(css: str) -> None:
    assert css_colors(css) == []
