"""The Jinja2 environment of the partials that render the rows of long tables; see docs/decisions/0023."""

from typing import Any

from jinja2 import Environment, StrictUndefined

from accounts.web.elements import draw_icon


def create_environment(**options: Any) -> Environment:
    """Returns the environment of Django's Jinja2 backend, whose `options` it takes.

    A name that a partial is not given is an error, in production too: an empty cell would go unnoticed.
    """
    options["undefined"] = StrictUndefined
    environment = Environment(**options, trim_blocks=True, lstrip_blocks=True)  # noqa: S701  (Django's backend escapes)
    environment.globals["icon"] = draw_icon
    return environment
