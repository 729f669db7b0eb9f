"""The page *Search or jump to*, which can also open as a dialog."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.access.decorators import READ_METHODS, signed_in_page
from accounts.web.list_query import filter_text
from console.web.frame import get_frame
from console.web.search.lists import find_sections


@signed_in_page(*READ_METHODS, title="Search", viewable=True)
def search(request: HttpRequest) -> HttpResponse:
    frame, text = get_frame(request), filter_text(request.GET.get("q", ""))
    filled = [section for section in find_sections(frame, text) if section.results]
    context = {
        "q": text,
        "sections": filled,
        "number": sum(len(section.results) for section in filled),
    }
    return render(request, "console/web/search.html", context)
