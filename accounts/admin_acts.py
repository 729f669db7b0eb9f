"""Acts of support staff in Django admin: each has an address of its own below the row it is about."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse

from accounts.actors import Actor
from accounts.doors import ACT, Door, guarded
from accounts.forms import ActForm, posted

# Whoever may change an organization may do all of this to it, and answer its requests.
NEEDED = "accounts.change_organization"


@dataclass(frozen=True)
class StaffAct:
    """One act: a page with a form, and what the form does.

    `subject` gives what it is about, from the admin's row and the rest of the address (Http404 when
    there is none); `form`, `facts` and `perform` get that. `perform` gives the address to go to
    next, or None for the row's own page. `needed` is the permission of Django's that it asks.
    """

    name: str
    title: str
    button: str
    form: Callable[[Any, Any], ActForm]
    perform: Callable[..., str | None]
    done: str
    facts: Callable[[Any], list[tuple[str, object]]]
    tail: str = ""
    subject: Callable[..., Any] = lambda row: row
    needed: str = NEEDED


class ActsAdmin(admin.ModelAdmin[Any]):
    """An admin page with acts."""

    acts: tuple[StaffAct, ...] = ()

    def get_urls(self) -> list[URLPattern]:
        return [*map(self.address_of, self.acts), *super().get_urls()]

    def address_of(self, act: StaffAct) -> URLPattern:
        route = f"<int:object_id>/{act.name}/{act.tail}"
        return self.own_address(route, act.name, partial(self.act_page, act))

    def own_address(self, route: str, name: str, page: Callable[..., HttpResponse]) -> URLPattern:
        """The address of a page of ours below this admin's."""
        enter = guarded(Door("support staff"), ACT, lambda request, kwargs: None)
        guarded_page = enter(page)
        view = self.admin_site.admin_view(guarded_page)
        view.door = guarded_page.door  # type: ignore[attr-defined]
        full_name = f"{self.opts.app_label}_{self.opts.model_name}_{name}".replace("-", "_")
        return path(route, view, name=full_name)

    def act_page(
        self, act: StaffAct, request: HttpRequest, object_id: int, **kwargs: str
    ) -> HttpResponse:
        if not request.user.has_perm(act.needed):
            raise PermissionDenied
        row = self.get_object(request, str(object_id))
        if row is None:
            raise Http404
        subject = act.subject(row, **kwargs)
        form, own_page = act.form(posted(request), subject), self.page_of(row)
        if form.is_bound and form.perform(partial(act.perform, request, subject)):
            self.log_change(request, row, act.done)
            messages.success(request, act.done)
            return redirect(form.result or own_page)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "own_page": own_page,
            "title": act.title,
            "button": act.button,
            "facts": act.facts(subject),
            "form": form,
        }
        return render(request, "admin/act.html", context, status=form.status)

    def page_of(self, row: Model) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])


def key_delay() -> list[tuple[str, object]]:
    """A fact for acts that end keys or credentials: how long gateways may accept them all the same."""
    seconds = settings.KEY_CACHE_SECONDS
    said = f"may accept what ends for up to {seconds} s afterwards: so long answers are remembered."
    return [("Gateways", said)] if seconds else []


def by_service(service: Callable[..., Any], name: str) -> Callable[..., None]:
    """`perform` of an act that is one service, which takes its subject as `name`."""

    def perform(request: HttpRequest, subject: Any, **data: Any) -> None:
        service(actor=Actor.of(request), **{name: subject}, **data)

    return perform
