"""What every page goes through: its methods, who may come in, the permission and the title it declares.

A view without one of these decorators (or those of `access.py`) fails a test that walks all routes.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account import app_settings
from allauth.account.internal.flows.login import get_authentication_records
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from accounts.access.base import Access
from accounts.models.principals import Principal
from accounts.permissions import Permission
from accounts.web.pages import PageMeta

View = Callable[..., HttpResponseBase]
READ = ("GET", "HEAD")
ACT = ("GET", "HEAD", "POST")
# Stands for the slug of the selected organization or project, so that documents can link for all.
CURRENT = "~current"


@dataclass(frozen=True)
class AccessControl:
    """What a view declares: who it is for, and the permission it asks (None: no tenant's data).

    `viewable` pages support staff see as the member they view as, although they ask none; a
    tenant's pages always. All others are the staff person's own.
    """

    audience: str
    permission: Permission | None = None
    viewable: bool = False


def declare(view: View, control: AccessControl, page: PageMeta | None = None) -> View:
    """Marks the view with what it declares; `page` is None where no page is shown."""
    vars(view).update(access_control=control, page=page)
    return view


def control_access(
    control: AccessControl,
    methods: Iterable[str],
    enter: Callable[[HttpRequest, dict[str, Any]], Any],
    page: PageMeta | None = None,
) -> Callable[[View], View]:
    """A decorator: wrong method 405 (before anything is looked up), then `enter`, then the view.

    `enter` takes request and URL arguments and gives a response (which ends it) or what the view
    gets as its second argument (None: nothing).
    """
    allowed = tuple(methods)

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapper(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
            if request.method not in allowed:
                return HttpResponseNotAllowed(allowed)
            entered = enter(request, kwargs)
            if isinstance(entered, HttpResponse):
                return entered
            arguments = () if entered is None else (entered,)
            return view(request, *arguments, **kwargs)

        vars(wrapper).update(methods=allowed)
        return declare(wrapper, control, page)

    return decorate


def redirect_to_sign_in(request: HttpRequest) -> HttpResponse | None:
    """A redirect to the sign-in page for people who are not signed in, None for the others."""
    if request.user.is_authenticated:
        return None
    return redirect_to_login(request.get_full_path())


def public_page(*methods: str, title: str) -> Callable[[View], View]:
    """For pages anybody may open."""
    return control_access(
        AccessControl("anybody"), methods or READ, lambda request, kwargs: None, PageMeta(title)
    )


def public_route(*methods: str) -> Callable[[View], View]:
    """For what anybody may ask and that shows no page."""
    return control_access(AccessControl("anybody"), methods or READ, lambda request, kwargs: None)


def signed_in_page(
    *methods: str, title: str, in_search: bool = False, viewable: bool = False
) -> Callable[[View], View]:
    """For pages about the signed-in person alone: no tenant's data on them."""
    control, page = (
        AccessControl("signed in", viewable=viewable),
        PageMeta(title, in_search=in_search),
    )
    return control_access(
        control, methods or READ, lambda request, kwargs: redirect_to_sign_in(request), page
    )


def redirect_to_password(request: HttpRequest) -> HttpResponse | None:
    """A redirect to the page that asks for the password and leads back; None when it is fresh.

    It is for as long as ACCOUNT_REAUTHENTICATION_TIMEOUT says, also after signing in with it.
    """
    oldest = time.time() - app_settings.REAUTHENTICATION_TIMEOUT
    for entry in get_authentication_records(request, request.user):
        if entry.get("method") == "password" and entry["at"] > oldest:
            return None
    query = urlencode({"next": request.get_full_path()})
    return redirect(f"{reverse('account_reauthenticate')}?{query}")


def fresh_password(view: View) -> View:
    """Below one of the access decorators: runs the view only soon after the user entered their password."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return redirect_to_password(request) or view(request, *args, **kwargs)

    return wrapper


class TenantLookup(ABC):
    """How the pages of one kind of tenant find theirs by the slug in the address."""

    @abstractmethod
    def find_access(self, principal: Principal, slug: str) -> Access:
        """The principal's access to what has that slug; raises Http404 where it can see none."""

    @abstractmethod
    def selected_slug(self, request: HttpRequest) -> str | None:
        """The slug that `~current` stands for; None when the caller can see nothing of the kind."""

    def present_slug(self, principal: Principal, slug: str) -> str | None:
        """The slug of today of what had `slug` before, if the principal can see it; else None."""
        return None


def tenant_page(
    control: AccessControl, methods: Iterable[str], page: PageMeta, lookup: TenantLookup
) -> Callable[[View], View]:
    """A view `(request, access, …)` of an organization or project, found by the slug in its address.

    Checks the permission of `control` before the view runs (403).
    """
    assert control.permission is not None
    return control_access(control, methods, partial(enter_tenant, lookup, control.permission), page)


def enter_tenant(
    lookup: TenantLookup, permission: Permission, request: HttpRequest, kwargs: dict[str, Any]
) -> Access | HttpResponse:
    """The caller's access, or a redirect: to sign in, or to where the address means.

    Raises Http404 for what the caller cannot see and PermissionDenied for what they may not do.
    """
    if answer := redirect_to_sign_in(request):
        return answer
    principal = Principal.of_request(request)
    slug = kwargs.pop("slug")
    if slug == CURRENT:
        return to_selected(request, kwargs, lookup.selected_slug(request))
    try:
        access = lookup.find_access(principal, slug)
    except Http404:
        if present := lookup.present_slug(principal, slug):
            return to_slug(request, kwargs, present)
        raise
    # Who views as somebody also reads the forms that person would see; sending one is refused.
    if not access.holds(permission):
        raise access.refusal(permission)
    request.access = access  # type: ignore[attr-defined]
    return access


def to_selected(request: HttpRequest, kwargs: dict[str, Any], slug: str | None) -> HttpResponse:
    """A redirect to the same page of the selected thing; Http404 when there is none."""
    if slug is None or request.method == "POST":
        raise Http404
    return to_slug(request, kwargs, slug)


def to_slug(request: HttpRequest, kwargs: dict[str, Any], slug: str) -> HttpResponse:
    """A redirect to the same page of the thing with that slug; a POST is sent there again (307)."""
    assert request.resolver_match is not None
    address = reverse(request.resolver_match.view_name, kwargs={**kwargs, "slug": slug})
    query = request.META.get("QUERY_STRING", "")
    return redirect(
        f"{address}?{query}" if query else address, preserve_request=request.method == "POST"
    )
