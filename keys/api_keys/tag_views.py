"""The page that changes the tags of an API key."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.actors import Actor
from accounts.forms import get_form_data
from accounts.permissions import Permission
from keys.api_keys.action_views import build_context, confirm, find_changeable_key
from keys.api_keys.tag_services import change_key_tags
from projects.access import ProjectAccess, project_page
from projects.tags.forms import TagsForm
from projects.tags.periods import get_tags, list_tags
from projects.tags.views import UNCHANGED

SAVED = "The tags of {} were saved. Changes count from 00:00 UTC tomorrow."


@project_page(Permission.API_KEYS_MANAGE, title="Edit tags", nav="api_keys")
def tags(request: HttpRequest, access: ProjectAccess, reference: str) -> HttpResponse:
    key, actor = find_changeable_key(access, reference), Actor.of(request)
    form = TagsForm(get_form_data(request), get_tags(key))
    if form.is_bound and form.perform(lambda **data: change_key_tags(actor=actor, key=key, **data)):
        return confirm(request, access, SAVED.format(key.name) if form.result else UNCHANGED)
    own = {tag.name for tag in list_tags(key) if tag.tomorrow}
    inherited = [tag for tag in list_tags(access.project) if tag.name not in own]
    context = build_context(access, key, form=form, tags=list_tags(key), inherited=inherited)
    return render(request, "keys/api_keys/tags.html", context, status=form.status)
