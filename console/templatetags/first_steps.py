"""The first steps of a new organization, for the overview of its Default Project."""

from typing import Any

from django import template

from console.first_steps.steps import FirstSteps, build_first_steps
from projects.access import ProjectAccess

register = template.Library()


@register.simple_tag(takes_context=True)
def first_steps(context: template.Context, access: ProjectAccess) -> FirstSteps | None:
    """Returns the steps that take the place of the overview, if any; `?steps=show` asks for them."""
    request: Any = context["request"]
    return build_first_steps(access, requested=request.GET.get("steps") == "show")
