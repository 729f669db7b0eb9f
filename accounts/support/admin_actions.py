"""Acts of support staff in Django admin: each has an address of its own below the row it is about."""

import hashlib
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

from accounts.access.decorators import ACT, AccessControl, control_access
from accounts.actors import Actor
from accounts.forms import ActionForm, get_form_data
from accounts.support.lookups import DeclaredLookups

# Whoever may change an organization may do all of this to it, and answer its requests.
REQUIRED_PERMISSION = "accounts.change_organization"
SAME = "It is like that already. Nothing was changed."
OVERTAKEN = "Somebody changed it in the meantime. Look at what would change now."


@dataclass(frozen=True)
class Review:
    """What an act would change, (what, before, after) each, and in sentences what that does."""

    changes: list[tuple[str, str, str]]
    effects: list[str]

    @property
    def seen(self) -> str:
        """Tells what it is now from what it was when somebody looked."""
        return compute_digest([(label, before) for label, before, _ in self.changes])

    @property
    def mark(self) -> str:
        """What whoever confirms sends back: they have seen just this."""
        return f"{self.seen}:{compute_digest([self.changes, self.effects])}"


def compute_digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class StaffAction:
    """One act: a page with a form, and what the form does.

    `subject` gives what it is about, from the admin's row and the rest of the address (Http404 when
    there is none); `form`, `facts` and `perform` get that. `perform` gives the address to go to
    next, or None for the row's own page; of an act that makes a row, that row. `needed` is the
    permission of Django's that it asks. With `review`, what the form would change is shown and
    confirmed before it is done.
    """

    name: str
    title: str
    button: str
    form: Callable[[Any, Any], ActionForm]
    perform: Callable[..., Any]
    done: str
    facts: Callable[[Any], list[tuple[str, object]]]
    tail: str = ""
    subject: Callable[..., Any] = lambda row: row
    needed: str = REQUIRED_PERMISSION
    review: Callable[..., Review] | None = None
    is_open: Callable[[Any], bool] = lambda row: True


class StaffActionsAdmin(DeclaredLookups, admin.ModelAdmin[Any]):
    """An admin page with acts: `acts` on a row, `making` those that make one.

    `acts_change_form.html` and `acts_change_list.html` link to those that are open.
    """

    acts: tuple[StaffAction, ...] = ()
    making: tuple[StaffAction, ...] = ()

    def get_urls(self) -> list[URLPattern]:
        own = [*map(self.address_of, self.acts), *map(self.address_of_making, self.making)]
        return [*own, *super().get_urls()]

    def address_of(self, act: StaffAction) -> URLPattern:
        route = f"<int:object_id>/{act.name}/{act.tail}"
        return self.own_address(route, act.name, partial(self.act_page, act))

    def address_of_making(self, act: StaffAction) -> URLPattern:
        return self.own_address(f"{act.name}/", act.name, partial(self.making_page, act))

    def own_address(self, route: str, name: str, page: Callable[..., HttpResponse]) -> URLPattern:
        """The address of a page of ours below this admin's."""
        enter = control_access(AccessControl("support staff"), ACT, lambda request, kwargs: None)
        controlled_page = enter(page)
        view = self.admin_site.admin_view(controlled_page)
        view.access_control = controlled_page.access_control  # type: ignore[attr-defined]
        full_name = f"{self.opts.app_label}_{self.opts.model_name}_{name}".replace("-", "_")
        return path(route, view, name=full_name)

    def act_page(
        self, act: StaffAction, request: HttpRequest, object_id: int, **kwargs: str
    ) -> HttpResponse:
        if not request.user.has_perm(act.needed):
            raise PermissionDenied
        row = self.get_object(request, str(object_id))
        if row is None:
            raise Http404
        subject = act.subject(row, **kwargs)
        form, own_page = act.form(get_form_data(request), subject), self.page_of(row)
        review = find_unconfirmed_review(act, request, form, subject)
        perform = partial(act.perform, request, subject)
        if form.is_bound and not review and form.perform(perform):
            self.log_change(request, row, act.done)
            messages.success(request, act.done)
            return redirect(form.result or own_page)
        context = {"original": row, "own_page": own_page, "facts": act.facts(subject)}
        return self.act_answer(request, act, form, {**context, "review": review})

    def making_page(self, act: StaffAction, request: HttpRequest) -> HttpResponse:
        """The page of an act that makes a row."""
        if not request.user.has_perm(act.needed):
            raise PermissionDenied
        form = act.form(get_form_data(request), None)
        review = find_unconfirmed_review(act, request, form, None)
        if form.is_bound and not review and form.perform(partial(act.perform, request, None)):
            self.log_addition(request, form.result, act.done)
            messages.success(request, act.done)
            return redirect(self.page_of(form.result))
        own_page = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        context = {"original": self.opts.verbose_name_plural, "own_page": own_page}
        return self.act_answer(request, act, form, {**context, "facts": [], "review": review})

    def act_answer(
        self, request: HttpRequest, act: StaffAction, form: ActionForm, context: dict[str, Any]
    ) -> HttpResponse:
        status = 200 if context["review"] and not form.conflict else form.status
        known = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": act.title,
            "button": act.button,
            "form": form,
        }
        return render(request, "admin/act.html", {**known, **context}, status=status)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = kwargs.get("obj")
        context["acts"] = [
            (reverse(self.name_of(act), args=[row.pk]), act.title)
            for act in self.acts
            if row and not act.tail and act.is_open(row) and request.user.has_perm(act.needed)
        ]
        return super().render_change_form(request, context, *args, **kwargs)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist: Any = super().get_changelist_instance(request)
        changelist.acts = [
            (reverse(self.name_of(act)), act.title)
            for act in self.making
            if request.user.has_perm(act.needed)
        ]
        return changelist

    def name_of(self, act: StaffAction) -> str:
        return f"admin:{self.opts.app_label}_{self.opts.model_name}_{act.name}".replace("-", "_")

    def page_of(self, row: Model) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])


def find_unconfirmed_review(
    act: StaffAction, request: HttpRequest, form: ActionForm, subject: Any
) -> Review | None:
    """What has to be seen and confirmed before the act; None when it has been, or there is nothing.

    A form that changes nothing is refused, and so is a review of what is no longer so.
    """
    if act.review is None or not form.is_bound or not form.is_valid():
        return None
    review = act.review(subject, **form.cleaned_data)
    if all(before == after for _, before, after in review.changes):
        form.refuse(SAME)
        return None
    confirmed = request.POST.get("confirmed", "")
    if confirmed == review.mark:
        return None
    if confirmed and confirmed.partition(":")[0] != review.seen:
        form.refuse(OVERTAKEN)
    return review


def describe_key_delay() -> list[tuple[str, object]]:
    """A fact for acts that end keys or credentials: how long gateways may accept them all the same."""
    seconds = settings.KEY_CACHE_SECONDS
    said = f"may accept what ends for up to {seconds} s afterwards: so long answers are remembered."
    return [("Gateways", said)] if seconds else []


def call_service(service: Callable[..., Any], name: str) -> Callable[..., None]:
    """`perform` of an act that is one service, which takes its subject as `name`."""

    def perform(request: HttpRequest, subject: Any, **data: Any) -> None:
        service(actor=Actor.of(request), **{name: subject}, **data)

    return perform


def call_creating_service(service: Callable[..., Model]) -> Callable[..., Model]:
    """`perform` of an act that is one service which makes a row."""

    def perform(request: HttpRequest, subject: None, **data: Any) -> Model:
        return service(actor=Actor.of(request), **data)

    return perform
