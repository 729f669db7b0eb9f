"""The saved views of a person."""

from django.http import Http404

from accounts.models import User
from accounts.models.principals import Principal
from usage.models import SavedView


def list_views(principal: Principal) -> list[SavedView]:
    """Returns the views of pages that the person can open now, by organization and name."""
    views = SavedView.objects.visible_to(principal).select_related("organization", "project")
    return list(views.order_by("organization__search_text", "organization", "name"))


def find_own_view(user: User, public_id: str) -> SavedView:
    """Returns the person's view with that public id. Raises Http404 for any other."""
    view = user.saved_views.filter(public_id=public_id).first()
    if view is None:
        raise Http404
    return view
