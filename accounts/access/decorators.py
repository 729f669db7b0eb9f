"""View decorators: allowed methods, who may open the page, its permission and its title.

Every view needs one of these, or one of `organization.py` or `projects/access.py`; a test walks all routes.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from accounts.access.base import Access
from accounts.models.principals import Principal
from accounts.permissions import Permission
from accounts.web.pages import PageMeta

View = Callable[..., HttpResponseBase]
READ_METHODS = ("GET", "HEAD")
FORM_METHODS = ("GET", "HEAD", "POST")
# In place of a slug: the selected organization or project. Lets documentation link to everyone's pages.
CURRENT = "~current"


@dataclass(frozen=True)
class AccessControl:
    """What a view declares: its audience, and the permission it requires (None: it shows no tenant's data).

    While support staff view as a member, they see pages with a permission or with `viewable` as that
    member, and all others as themselves.
    """

    audience: str
    permission: Permission | None = None
    viewable: bool = False


def declare(
    view: View,
    control: AccessControl,
    page: PageMeta | None = None,
    methods: Iterable[str] = (),
) -> View:
    """Sets the access control, the page (None: it shows no page) and the methods of a view.

    MethodsMiddleware refuses other methods; a view without any refuses them itself.
    """
    vars(view).update(access_control=control, page=page, methods=tuple(methods))
    return view


def control_access(
    control: AccessControl,
    methods: Iterable[str],
    enter: Callable[[HttpRequest, dict[str, Any]], Any],
    page: PageMeta | None = None,
) -> Callable[[View], View]:
    """Decorates a view: declares its methods (MethodsMiddleware refuses others), then calls `enter`.

    `enter` takes the request and the URL's arguments. It returns a response, which is the answer, or what
    the view gets as its second argument (None: no second argument).
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapper(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
            entered = enter(request, kwargs)
            if isinstance(entered, HttpResponse):
                return entered
            arguments = () if entered is None else (entered,)
            return view(request, *arguments, **kwargs)

        return declare(wrapper, control, page, methods)

    return decorate


def redirect_to_sign_in(request: HttpRequest) -> HttpResponse | None:
    """Returns a redirect to the sign-in page, or None if the user is signed in."""
    if request.user.is_authenticated:
        return None
    return redirect_to_login(request.get_full_path())


def public_page(*methods: str, title: str) -> Callable[[View], View]:
    """Decorates a page that everyone can open."""
    return control_access(
        AccessControl("anybody"),
        methods or READ_METHODS,
        lambda request, kwargs: None,
        PageMeta(title),
    )


def public_route(*methods: str) -> Callable[[View], View]:
    """Decorates a view that everyone can call and that shows no page."""
    return control_access(
        AccessControl("anybody"), methods or READ_METHODS, lambda request, kwargs: None
    )


def signed_in_page(
    *methods: str, title: str, in_search: bool = False, viewable: bool = False
) -> Callable[[View], View]:
    """Decorates a page about the signed-in user alone, without any tenant's data."""
    control, page = (
        AccessControl("signed in", viewable=viewable),
        PageMeta(title, in_search=in_search),
    )
    return control_access(
        control, methods or READ_METHODS, lambda request, kwargs: redirect_to_sign_in(request), page
    )


class TenantLookup(ABC):
    """How pages of an organization or a project look it up by the slug in the URL."""

    @abstractmethod
    def find_access(self, principal: Principal, slug: str) -> Access:
        """Returns the principal's access. Raises Http404 if it can see nothing with that slug."""

    @abstractmethod
    def selected_slug(self, request: HttpRequest) -> str | None:
        """Returns the slug that `~current` stands for; None if the caller can see nothing of the kind."""

    def present_slug(self, principal: Principal, slug: str) -> str | None:
        """Returns the current slug of what was called `slug` before; None if the principal cannot see it."""
        return None


def tenant_page(
    control: AccessControl, methods: Iterable[str], page: PageMeta, lookup: TenantLookup
) -> Callable[[View], View]:
    """Decorates a view `(request, access, …)` of the organization or project with the slug in the URL.

    Checks the permission of `control` before the view runs (403).
    """
    assert control.permission is not None
    return control_access(control, methods, partial(enter_tenant, lookup, control.permission), page)


def enter_tenant(
    lookup: TenantLookup, permission: Permission, request: HttpRequest, kwargs: dict[str, Any]
) -> Access | HttpResponse:
    """Returns the caller's access, or a redirect: to the sign-in page, or to the current or selected slug.

    Raises Http404 for what the caller cannot see and PermissionDenied without `permission`.
    """
    if answer := redirect_to_sign_in(request):
        return answer
    principal = Principal.of_request(request)
    slug = kwargs.pop("slug")
    if slug == CURRENT:
        return redirect_to_selected(request, kwargs, lookup.selected_slug(request))
    try:
        access = lookup.find_access(principal, slug)
    except Http404:
        if present := lookup.present_slug(principal, slug):
            return redirect_to_slug(request, kwargs, present)
        raise
    # Support staff who view as a member can open forms; the services refuse what they submit.
    if not access.holds(permission):
        vars(request).update(refused_access=access)  # for the error page
        raise access.refusal(permission)
    vars(request).update(access=access)
    return access


def redirect_to_selected(
    request: HttpRequest, kwargs: dict[str, Any], slug: str | None
) -> HttpResponse:
    """Redirects to the same page of the selected organization or project. Raises Http404 if there is none."""
    if slug is None or request.method == "POST":
        raise Http404
    return redirect_to_slug(request, kwargs, slug)


def redirect_to_slug(request: HttpRequest, kwargs: dict[str, Any], slug: str) -> HttpResponse:
    """Redirects to the same page with another slug; with 307 for a POST, so that it is sent again."""
    assert request.resolver_match is not None
    url = reverse(request.resolver_match.view_name, kwargs={**kwargs, "slug": slug})
    query = request.META.get("QUERY_STRING", "")
    return redirect(f"{url}?{query}" if query else url, preserve_request=request.method == "POST")
