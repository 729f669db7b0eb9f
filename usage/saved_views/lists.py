"""The saved views of a person."""

from typing import NamedTuple

from django.http import Http404

from accounts.models import User
from accounts.models.principals import Principal
from accounts.searching import fold
from usage.models import SavedView


class ViewRow(NamedTuple):
    """A saved view, and whether the person can open its page now."""

    view: SavedView
    is_open: bool


def list_views(principal: Principal) -> list[ViewRow]:
    """Returns the person's views by organization and name, with two queries.

    Those of pages that they can no longer open are among them, as they count towards the limit.
    """
    assert principal.user
    visible = set(SavedView.objects.visible_to(principal).values_list("pk", flat=True))
    views = principal.user.saved_views.select_related("organization", "project")
    by_name = sorted(views, key=lambda view: (view.organization.search_text, fold(view.name)))
    return [ViewRow(view, view.pk in visible) for view in by_name]


def find_own_view(user: User, public_id: str) -> SavedView:
    """Returns the person's view with that public id. Raises Http404 for any other."""
    view = user.saved_views.filter(public_id=public_id).first()
    if view is None:
        raise Http404
    return view
