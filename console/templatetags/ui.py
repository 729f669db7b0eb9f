"""Template tags for icons, people, badges, times and components with content."""

from django import template
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from accounts.audit.user_agents import describe_user_agent
from accounts.email_addresses import format_email
from accounts.web.elements import draw_avatar, draw_badge, draw_end, draw_icon, draw_moment

register = template.Library()
# In long tables take an icon once: {% icon "ellipsis-vertical" as dots %}, then {{ dots }} in each row.
register.simple_tag(draw_icon, name="icon")
register.simple_tag(draw_avatar, name="avatar")
register.simple_tag(draw_badge, name="badge")
register.simple_tag(draw_moment, name="when")
register.simple_tag(draw_end, name="until")

# The address as people write it: its domain in Unicode.
register.filter("email", format_email)
register.filter("user_agent", describe_user_agent)

NOTICE_ICONS = {"": "info", "ok": "circle-check", "warn": "triangle-alert", "bad": "circle-alert"}


@register.simple_block_tag(end_name="endcard")
def card(content: SafeString, title: str = "", text: str = "") -> SafeString:
    """Render content on a padded surface with an optional title."""
    return draw("card", content=content, title=title, text=text)


@register.simple_block_tag(end_name="endnotice")
def notice(content: SafeString, tone: str = "", role: str = "") -> SafeString:
    """Render a notice. The tone is "", ok, warn or bad. Use the role `alert` for results of an action."""
    return draw("notice", content=content, tone=tone, role=role, icon=NOTICE_ICONS[tone])


@register.simple_block_tag(takes_context=True, end_name="endemptystate")
def emptystate(context: template.Context, content: SafeString, icon: str, title: str) -> SafeString:
    """Render an empty list. The content is a sentence and the action that changes it.

    If only the `page` of the context is empty, but not the list, says that instead.
    """
    page = context.get("page")
    if getattr(page, "is_vacated", False):
        return draw("vacated_page", page=page)
    return draw("empty_state", content=content, icon=icon, title=title)


@register.simple_block_tag(end_name="endpageheader")
def pageheader(content: SafeString, title: str, text: str = "") -> SafeString:
    """Render the header of a page with a title and a sentence. The content is the main actions."""
    return draw("page_header", content=content if content.strip() else "", title=title, text=text)


@register.simple_block_tag(takes_context=True, end_name="endlistfilters")
def listfilters(
    context: template.Context,
    content: SafeString,
    label: str,
    placeholder: str,
    search_label: str = "",
    *,
    shows_apply: bool = False,
) -> SafeString:
    """Filter the list of a page, whose context has `filters`, `rows` and `clear_url`; the content is choices.

    `label` names the form, `search_label` the text field if its placeholder is too short. Choices submit the
    form by themselves; with `shows_apply` it has a button for other fields too.
    """
    filters = context["filters"]
    return draw(
        "list_filters",
        content=content,
        label=label,
        placeholder=placeholder,
        search_label=search_label or placeholder,
        filters=filters,
        shows_apply=shows_apply,
        clear_url=context["clear_url"] if filters.is_filtered and context["rows"] else "",
    )


@register.simple_tag
def copyable(text: str, label: str) -> SafeString:
    """Render an id or URL with a button that copies it; `label` says what it is."""
    return draw("copyable", text=text, label=label)


def draw(component: str, **context: object) -> SafeString:
    """Render one of templates/components with only the given context."""
    # The component was rendered with autoescaping, so its output is safe.
    return mark_safe(get_template(f"components/{component}.html").render(dict(context)))  # noqa: S308
