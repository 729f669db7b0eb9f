"""Turns multi-project on for a product in Django admin, and leads to moving its past usage."""

from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse

from accounts.actors import Actor
from accounts.forms import ActionForm
from accounts.models import User
from accounts.support.admin_actions import StaffAction
from usage.catalogue.previews import TURNED_ON
from usage.catalogue.services.products import CHANGE_PRODUCT, turn_on_multi_project
from usage.models import Product
from usage.reattribution.preview import find_movable_period

MOVE = "usage.add_reattribution"


def describe_multi_project(product: Product) -> list[tuple[str, object]]:
    effects = " ".join(text.format(name=product.name) for text in TURNED_ON)
    return [("Product", product.name), ("Code", product.code), ("What happens", effects)]


def enable_multi_project(request: HttpRequest, product: Product) -> str | None:
    """Turns it on. Returns the URL of the preview of past usage to move, None if there is none."""
    turn_on_multi_project(actor=Actor.of(request), product=product)
    return build_move_url(request.user, product)


def build_move_url(user: User | AnonymousUser, product: Product) -> str | None:
    """Returns the URL of *Move usage*, filled in with all past usage of the product that can be moved.

    None if there is no such usage, or if the user may not move any.
    """
    if not user.has_perm(MOVE):
        return None
    period = find_movable_period(product)
    if period is None:
        return None
    query = {"product": product.code, "first_day": period.start, "last_day": period.end}
    return f"{reverse('admin:usage_reattribution_move')}?{urlencode(query)}"


TURN_ON_MULTI_PROJECT = StaffAction(
    name="multi-project",
    title="Turn on multi-project",
    button="Turn on",
    form=lambda data, product: ActionForm(data),
    facts=describe_multi_project,
    perform=enable_multi_project,
    done="Multi-project is on from the next event. Past usage stays where it is billed unless you move it.",
    permission=CHANGE_PRODUCT,
    is_open=lambda product: not product.multi_project and not product.is_playground,
)
