"""The reference of the API: an introduction, and a page for each operation."""

from dataclasses import replace

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.access.decorators import public_page
from console.api.reference.commands import EXAMPLE_ORGANIZATION, EXAMPLE_PROJECT
from console.api.reference.entries import ReferenceEntry, list_groups
from console.web.frame import get_frame
from projects.access import find_selected_project

TITLE = "API reference"


@public_page(title=TITLE)
def reference(request: HttpRequest) -> HttpResponse:
    """Renders the introduction, which is public, as all of the reference."""
    return render(request, "console/api/reference.html", build_context(request))


@public_page(title=TITLE)
def operation(request: HttpRequest, slug: str) -> HttpResponse:
    """Renders one operation. Raises Http404 if there is none with that name."""
    entries = [entry for group in list_groups() for entry in group.entries]
    position = next((n for n, entry in enumerate(entries) if entry.slug == slug), None)
    if position is None:
        raise Http404
    context = {
        "entry": fill_ids(request, entries[position]),
        "previous": entries[position - 1] if position else None,
        "next": entries[position + 1] if position + 1 < len(entries) else None,
    }
    return render(request, "console/api/operation.html", {**build_context(request), **context})


def build_context(request: HttpRequest) -> dict[str, object]:
    """Returns what both pages have: those who are signed in see them in the frame."""
    layout = "frame.html" if request.user.is_authenticated else "console/api/public.html"
    return {"layout": layout, "groups": list_groups(), "base": settings.BASE_URL}


def fill_ids(request: HttpRequest, entry: ReferenceEntry) -> ReferenceEntry:
    """Returns the entry with the reader's own project and organization in the examples."""
    if not request.user.is_authenticated:
        return entry
    project, organization = find_selected_project(request), get_frame(request).organization
    own_ids = {
        EXAMPLE_PROJECT: project.public_id if project else EXAMPLE_PROJECT,
        EXAMPLE_ORGANIZATION: organization.public_id if organization else EXAMPLE_ORGANIZATION,
    }
    curl, python, example = entry.curl, entry.python, entry.example
    for example_id, own_id in own_ids.items():
        curl = curl.replace(example_id, own_id)
        python = python.replace(example_id, own_id)
        example = example.replace(example_id, own_id)
    return replace(entry, curl=curl, python=python, example=example)
