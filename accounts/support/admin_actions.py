"""Actions of support staff in Django admin: each has a URL of its own below that of its row."""

import hashlib
from collections.abc import Callable, Sequence
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
from django.utils.text import capfirst

from accounts.access.decorators import FORM_METHODS, AccessControl, control_access, declare
from accounts.actors import Actor
from accounts.forms import ActionForm, CreatingForm, get_form_data
from accounts.support.history import AuditHistory
from accounts.support.lookups import DeclaredLookups

# Staff who may change organizations may also suspend and close them and answer their requests.
REQUIRED_PERMISSION = "accounts.change_organization"
SAME = "No changes to save."
OVERTAKEN = "Someone else changed this in the meantime. Review the changes again."


@dataclass(frozen=True)
class Review:
    """What an action would change, each (what, before, after), and sentences about its effects."""

    changes: list[tuple[str, str, str]]
    effects: list[str]

    @property
    def seen(self) -> str:
        """A digest of the current values, to notice when they have changed since."""
        return compute_digest([(label, before) for label, before, _ in self.changes])

    @property
    def mark(self) -> str:
        """Sent back on confirmation: proves that exactly this review was displayed."""
        return f"{self.seen}:{compute_digest([self.changes, self.effects])}"


def compute_digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class StaffAction:
    """An action: a page with a form, and what the form does.

    `subject` returns what the action is about, from the admin's row and the rest of the URL (raises Http404
    if there is none); `form`, `facts` and `perform` take it. `perform` returns the URL to redirect to, or
    None for the row's page; the new row if the action creates one. `permission` is the Django permission
    it requires. With `review`, the changes are displayed and confirmed before they are made.
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
    permission: str = REQUIRED_PERMISSION
    review: Callable[..., Review] | None = None
    is_open: Callable[[Any], bool] = lambda row: True


class StaffActionsAdmin(AuditHistory, DeclaredLookups, admin.ModelAdmin[Any]):
    """An admin page with actions: `staff_actions` on a row, `create_actions` create one.

    `acts_change_form.html` and `acts_change_list.html` link to those available.
    """

    staff_actions: tuple[StaffAction, ...] = ()
    create_actions: tuple[StaffAction, ...] = ()

    def get_urls(self) -> list[URLPattern]:
        own = [
            *map(self.action_pattern, self.staff_actions),
            *map(self.create_action_pattern, self.create_actions),
        ]
        return [*own, *super().get_urls()]

    def action_pattern(self, action: StaffAction) -> URLPattern:
        route = f"<int:object_id>/{action.name}/{action.tail}"
        return self.build_pattern(route, action.name, partial(self.action_page, action))

    def create_action_pattern(self, action: StaffAction) -> URLPattern:
        return self.build_pattern(
            f"{action.name}/", action.name, partial(self.create_action_page, action)
        )

    def build_pattern(
        self,
        route: str,
        name: str,
        page: Callable[..., HttpResponse],
        *,
        methods: Sequence[str] = FORM_METHODS,
    ) -> URLPattern:
        """Returns the URL pattern of a page of ours below this admin's."""
        control = AccessControl("support staff")
        controlled_page = control_access(control, methods, lambda request, kwargs: None)(page)
        view = declare(self.admin_site.admin_view(controlled_page), control, methods=methods)
        full_name = f"{self.opts.app_label}_{self.opts.model_name}_{name}".replace("-", "_")
        return path(route, view, name=full_name)

    def action_page(
        self, action: StaffAction, request: HttpRequest, object_id: int, **kwargs: str
    ) -> HttpResponse:
        if not request.user.has_perm(action.permission):
            raise PermissionDenied
        row = self.get_object(request, str(object_id))
        if row is None:
            raise Http404
        subject = action.subject(row, **kwargs)
        form, own_page = action.form(get_form_data(request), subject), self.change_url(row)
        review = find_unconfirmed_review(action, request, form, subject)
        perform = partial(action.perform, request, subject)
        locate = partial(choose_url, own_page)
        if form.is_bound and not review and perform_form(form, perform, request, locate):
            if isinstance(form, CreatingForm) and form.is_repeated:
                return form.answer(request, str)
            self.log_change(request, row, action.done)
            messages.success(request, action.done)
            return redirect(locate(form.result))
        context = {"original": row, "own_page": own_page, "facts": action.facts(subject)}
        return self.render_action(request, action, form, {**context, "review": review})

    def create_action_page(self, action: StaffAction, request: HttpRequest) -> HttpResponse:
        """Shows the page of an action that creates a row."""
        if not request.user.has_perm(action.permission):
            raise PermissionDenied
        form = action.form(get_form_data(request), None)
        # Links may say what the form begins with, as the desk does with the model that has no price.
        form.initial.update(
            {name: request.GET[name] for name in form.fields if name in request.GET}
        )
        review = find_unconfirmed_review(action, request, form, None)
        perform = partial(action.perform, request, None)
        if form.is_bound and not review and perform_form(form, perform, request, self.change_url):
            if isinstance(form, CreatingForm) and form.is_repeated:
                return form.answer(request, str)
            self.log_addition(request, form.result, action.done)
            messages.success(request, action.done)
            return redirect(self.change_url(form.result))
        own_page = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        context = {"original": capfirst(self.opts.verbose_name_plural), "own_page": own_page}
        return self.render_action(request, action, form, {**context, "facts": [], "review": review})

    def render_action(
        self, request: HttpRequest, action: StaffAction, form: ActionForm, context: dict[str, Any]
    ) -> HttpResponse:
        status = 200 if context["review"] and not form.conflict else form.status
        defaults = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": action.title,
            "button": action.button,
            "form": form,
        }
        return render(request, "admin/act.html", {**defaults, **context}, status=status)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = kwargs.get("obj")
        context["acts"] = self.list_acts(request, row)
        return super().render_change_form(request, context, *args, **kwargs)

    def list_acts(self, request: HttpRequest, row: Any) -> list[tuple[str, str]]:
        """Returns the URLs and titles of what the user can do with the row, which is None on creation."""
        return [
            (reverse(self.action_url_name(action), args=[row.pk]), action.title)
            for action in self.staff_actions
            if row
            and not action.tail
            and action.is_open(row)
            and request.user.has_perm(action.permission)
        ]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist: Any = super().get_changelist_instance(request)
        changelist.acts = [
            (reverse(self.action_url_name(action)), action.title)
            for action in self.create_actions
            if request.user.has_perm(action.permission)
        ]
        return changelist

    def action_url_name(self, action: StaffAction) -> str:
        return f"admin:{self.opts.app_label}_{self.opts.model_name}_{action.name}".replace("-", "_")

    def change_url(self, row: Model) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])


def choose_url(own_page: str, result: str | None) -> str:
    """Returns the URL that the action leads to, by default the page of its row."""
    return result or own_page


def perform_form(
    form: ActionForm,
    perform: Callable[..., Any],
    request: HttpRequest,
    locate: Callable[[Any], str],
) -> bool:
    """Performs the form, once if it creates something; see `CreatingForm.perform_once`."""
    if isinstance(form, CreatingForm):
        return form.perform_once(perform, actor=Actor.of(request), locate=locate)
    return form.perform(perform)


def was_sent(form: ActionForm, request: HttpRequest) -> bool:
    """Returns whether the form has created something before, so that nothing is left to confirm."""
    return isinstance(form, CreatingForm) and form.find_sent(Actor.of(request)) is not None


def find_unconfirmed_review(
    action: StaffAction, request: HttpRequest, form: ActionForm, subject: Any
) -> Review | None:
    """Returns the review to be confirmed before the action; None if confirmed or not required.

    Refuses a form that changes nothing, and the confirmation of values that have changed since.
    """
    if action.review is None or not form.is_bound or was_sent(form, request) or not form.is_valid():
        return None
    values = {name: value for name, value in form.cleaned_data.items() if name != "form_token"}
    review = action.review(subject, **values)
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
    """Returns a fact for actions that end keys or credentials: how long gateways may still accept them."""
    seconds = settings.KEY_CACHE_SECONDS
    text = f"may still accept the keys for up to {seconds} seconds, because results are cached."
    return [("Gateways", text)] if seconds else []


def call_service(service: Callable[..., Any], name: str) -> Callable[..., None]:
    """Returns a `perform` that calls `service` with the subject as the argument `name`."""

    def perform(request: HttpRequest, subject: Any, **data: Any) -> None:
        service(actor=Actor.of(request), **{name: subject}, **data)

    return perform


def call_creating_service(service: Callable[..., Model]) -> Callable[..., Model]:
    """Returns a `perform` that calls `service`, which creates a row."""

    def perform(request: HttpRequest, subject: None, **data: Any) -> Model:
        return service(actor=Actor.of(request), **data)

    return perform
