"""Who calls the API: from the bearer token to a caller, whose access is read at each request.

    @api_route()
    def whoami(request: HttpRequest, caller: Caller) -> HttpResponseBase: ...

Nothing is remembered of a token but whose it is: what a removed person, an archived project or a
suspended organization had ends with the next request.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.access.decorators import READ, View, program_route
from accounts.crypto.peppers import peppers
from accounts.models import Organization, User
from accounts.models.principals import Principal
from accounts.permissions import Permission, allows
from accounts.web.api_errors import Refused, api_error
from keys.enums import CallerKind, Code, TokenScope
from keys.formats import Prefix, digest, is_access_token, is_of
from keys.limits import READS, limited, refused_at
from keys.models import AccessToken, ApiKey, KeySecret, PersonalToken
from keys.personal_tokens.access import opened_by
from keys.terminals.access import usable_organization, usable_projects
from keys.verification.api import REASONS, bearer
from keys.verification.last_used import PERSONAL_USES, TOKEN_USES
from keys.verification.verdicts import verified
from projects.models import Project
from projects.models.project import ProjectQuerySet

BRING_ONE = "Send an API key or an access token as bearer token."
MISTYPED = "This is no API key or access token: a character is missing or wrong."
CLOSED = "The project of this access token is not open to you now."
SHUT = "What this access token is for is not open to you now."
READ_ONLY = "This access token may only read. Make one that may write."
KEYS_ONLY = "This address is for API keys. Access tokens ask GET /v3/whoami."


@dataclass(frozen=True)
class Caller:
    """Whose credential the request brought, good now; what its kind has not is None.

    `subject` is what its requests are counted for: a key, a personal token, a terminal with all its tokens.
    `may_read_usage` is of its project or organization: stamped on a key's secret when that was made, for
    a token the right its person has now. `scope` is of personal tokens, which narrow what their person may.
    """

    kind: CallerKind
    subject: str
    may_read_usage: bool = False
    key: ApiKey | None = None
    user: User | None = None
    organization: Organization | None = None
    project: Project | None = None
    scope: TokenScope | None = None

    def projects(self) -> ProjectQuerySet:
        """Those it opens: its own, or every one that its person can use, in its organization if it
        has one."""
        if self.project:
            return Project.objects.filter(pk=self.project.pk)
        assert self.user is not None
        if self.organization:
            visible = Project.objects.visible_to(Principal.of_user(self.user))
            return visible.working().filter(organization=self.organization)
        return usable_projects(self.user)

    def organization_with(self, permission: Permission, public_id: str) -> Organization | None:
        """The organization with that id if this is a login whose person has the permission there now."""
        if self.kind != CallerKind.LOGIN or self.user is None:
            return None
        access = usable_organization(self.user, public_id)
        return access.organization if access and access.allows(permission) else None


def api_route(*methods: str) -> Callable[[View], View]:
    """A view `(request, caller, …)` for whoever brings a credential: 401 without one that is good,
    429 when it asks too often.

    A view refuses by raising `Refused`. Whatever changes something takes another method than GET: a
    token that may only read is refused there. Answers are never cached.
    """

    def decorate(view: View) -> View:
        @program_route(*(methods or READ))
        @wraps(view)
        def wrapper(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
            try:
                caller = calling(bearer(request))
            except Refused as refused:
                response = refused_at(request, refused.response)
            else:
                answer = partial(answered, view, request, caller, **kwargs)
                response = limited(READS, caller.subject, answer)
            response["Cache-Control"] = "no-store"
            return response

        return wrapper

    return decorate


def answered(view: View, request: HttpRequest, caller: Caller, **kwargs: Any) -> HttpResponseBase:
    try:
        require_scope(request, caller)
        return view(request, caller, **kwargs)
    except Refused as refused:
        return refused.response


def unauthorized(message: str, code: str | None) -> Refused:
    """401; `code` is None when no credential was brought at all."""
    return Refused(api_error(401, message, code=code))


def forbidden(message: str) -> Refused:
    """403: the credential is good, but not for this."""
    return Refused(api_error(403, message))


def require_scope(request: HttpRequest, caller: Caller) -> None:
    """`Refused` with 403 when a token that may only read would change something."""
    if caller.scope == TokenScope.READ and request.method not in READ:
        raise forbidden(READ_ONLY)


def invalid(message: str, param: str, *, status: int = 422) -> Refused:
    """A parameter that cannot be taken."""
    return Refused(api_error(status, message, param=param))


def limit_in(request: HttpRequest, *, most: int, usual: int) -> int:
    """How many a page is to have; `Refused` with 422 for what is no number up to `most`."""
    text = request.GET.get("limit", str(usual))
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    if not 1 <= number <= most:
        raise invalid(f"limit is a whole number from 1 to {most}.", "limit")
    return number


def calling(token: str) -> Caller:
    """Whose credential that is; `Refused` with 401 when it is none that is good now."""
    if not token:
        raise unauthorized(BRING_ONE, None)
    if is_of(Prefix.PERSONAL, token):
        return with_personal_token(token)
    return with_access_token(token) if is_access_token(token) else with_key(token)


def with_access_token(text: str) -> Caller:
    found: AccessToken | None = AccessToken.objects.with_people().holding(text).first()
    if found is None:
        raise unauthorized("There is no such access token.", Code.NOT_FOUND)
    if reason := found.why_over:
        raise unauthorized(reason, Code.REVOKED if found.has_ended else Code.EXPIRED)
    user, subject = found.session.user, f"terminal:{found.session_id}"
    if found.project_id is None:
        caller = Caller(CallerKind.LOGIN, subject, user=user)
    else:
        caller = in_project(user, found.project_id, subject)
    TOKEN_USES.note(found.pk, peppers()[0].id, b"")
    return caller


def in_project(user: User, pk: int, subject: str) -> Caller:
    """The person in the project of their token; 401 when they can no longer use it."""
    project = usable_projects(user).filter(pk=pk).select_related("organization").first()
    if project is None:
        raise unauthorized(CLOSED, "no_access")
    role = project.found_role
    return Caller(
        CallerKind.SCOPED,
        subject,
        may_read_usage=role is not None and allows(role, Permission.USAGE_SEE),
        user=user,
        organization=project.organization,
        project=project,
    )


def with_personal_token(text: str) -> Caller:
    token: PersonalToken | None = PersonalToken.objects.in_full().holding(text).first()
    if token is None:
        raise unauthorized("There is no such access token.", Code.NOT_FOUND)
    if token.revoked_at or not token.user.is_active:
        raise unauthorized("This access token was revoked.", Code.REVOKED)
    if token.is_expired:
        raise unauthorized("This access token has expired.", Code.EXPIRED)
    access = opened_by(token)
    if access is None:
        raise unauthorized(SHUT, "no_access")
    PERSONAL_USES.note(token.pk, token.pepper_id, digest(text, peppers()[0]))
    usage = Permission.USAGE_SEE if token.project else Permission.COST_ANALYTICS_SEE
    return Caller(
        CallerKind.SCOPED if token.project else CallerKind.ORGANIZATION,
        f"token:{token.pk}",
        may_read_usage=access.holds(usage),
        user=token.user,
        organization=token.organization,
        project=token.project,
        scope=TokenScope(token.scope),
    )


def with_key(token: str) -> Caller:
    verdict = verified(token)
    if not verdict.is_valid:
        malformed = verdict.code is Code.MALFORMED
        raise unauthorized(MISTYPED if malformed else REASONS[verdict.code], verdict.code)
    secret = KeySecret.objects.select_related("api_key__project__organization").get(
        pk=verdict.secret
    )
    project = secret.api_key.project
    return Caller(
        CallerKind.KEY,
        f"key:{secret.api_key_id}",
        may_read_usage=secret.may_read_usage,
        key=secret.api_key,
        organization=project.organization,
        project=project,
    )
