"""Who calls the API: from the bearer token to a caller, whose access is read at each request.

Nothing is remembered of a token but whose it is: what a removed person, an archived project or a
suspended organization had ends with the next request.
"""

from dataclasses import dataclass

from django.http import Http404

from accounts.crypto.peppers import peppers
from accounts.errors import SecondFactorMissing
from accounts.models import Organization, User
from accounts.models.principals import Principal
from accounts.permissions import Permission, allows
from accounts.web.api.callers import Caller, Credential
from accounts.web.api.errors import Refused, refuse_credential
from keys.admin_keys.access import find_admin_key_access
from keys.enums import CallerKind, Code, TokenScope
from keys.formats import Prefix, digest, is_access_token, is_secret
from keys.limits import ORGANIZATION, PERSON, Limit
from keys.models import AccessToken, AccountToken, AdminKey, ApiKey, KeySecret, PersonalToken
from keys.personal_tokens.access import find_token_access
from keys.service_accounts.access import find_account_access
from keys.terminals.access import usable_organization, usable_projects
from keys.verification.api import REASONS
from keys.verification.last_used import (
    ACCOUNT_TOKEN_USES,
    ADMIN_KEY_USES,
    PERSONAL_USES,
    TOKEN_USES,
)
from keys.verification.verdicts import verify_key
from projects.access import find_project_access
from projects.models import Project, ServiceAccount
from projects.models.project import ProjectQuerySet

SEND_CREDENTIAL = "Send an API key or access token as a bearer token."
MISTYPED = "This is not an API key or access token: a character is missing or wrong."
CLOSED = "You don't have access to this token's project at the moment."
SHUT = "You don't have access to this token's organization or project at the moment."
NOT_ACCESSIBLE = (
    "This token's service account has no role, or its project can't be used at the moment."
)
# The code of a refusal because of an organization's sign-in rules.
FACTOR_MISSING = "second_factor_required"
# What `CredentialCaller` comes from.
CALLERS = (
    Credential.API_KEY,
    Credential.ADMIN_KEY,
    Credential.TERMINAL,
    Credential.PERSONAL_TOKEN,
    Credential.SERVICE_ACCOUNT,
)


@dataclass(frozen=True, kw_only=True)
class CredentialCaller(Caller):
    """A caller with an API key or an access token; fields that its kind lacks are None.

    Its requests are counted for the key, the personal token, or the terminal with all its tokens, and for
    the `shared_limit`.
    `may_read_usage` is about its project or organization: of a key it was decided when the secret was
    created, of a token it is what its person may do now.
    """

    kind: CallerKind
    may_read_usage: bool = False
    key: ApiKey | None = None
    project: Project | None = None
    service_account: ServiceAccount | None = None

    @property
    def shared_limit(self) -> tuple[Limit, str]:
        """The limit that its person's tokens, or its organization's keys, have together, and its subject."""
        if self.user:
            return PERSON, f"person:{self.user.pk}"
        assert self.organization is not None  # each key has one
        return ORGANIZATION, f"organization:{self.organization.pk}"

    def projects(self) -> ProjectQuerySet:
        """Returns the caller's project, or all that its user can use (in its organization if it has one)."""
        if self.project:
            return Project.objects.filter(pk=self.project.pk)
        if self.organization and self.principal:
            visible = Project.objects.visible_to(self.principal)
            return visible.working().filter(organization=self.organization)
        assert self.user is not None
        return usable_projects(self.user)

    def find_organization(self, permission: Permission, public_id: str) -> Organization | None:
        """Returns the organization with that id if this is a login whose user has the permission there."""
        if self.kind != CallerKind.LOGIN or self.user is None:
            return None
        access = usable_organization(self.user, public_id)
        return access.organization if access and access.allows(permission) else None


def find_caller(token: str) -> CredentialCaller:
    """Returns the owner of the credential. Raises Refused with 401 if it is not a valid one."""
    if not token:
        raise refuse_credential(SEND_CREDENTIAL, None)
    if is_secret(Prefix.PERSONAL, token):
        return authenticate_personal_token(token)
    if is_secret(Prefix.ADMIN_KEY, token):
        return authenticate_admin_key(token)
    if is_secret(Prefix.SERVICE_ACCOUNT, token):
        return authenticate_account_token(token)
    return authenticate_access_token(token) if is_access_token(token) else authenticate_key(token)


def authenticate_access_token(text: str) -> CredentialCaller:
    token: AccessToken | None = AccessToken.objects.with_people().with_secret(text).first()
    if token is None:
        raise refuse_credential("This access token doesn't exist.", Code.NOT_FOUND)
    if reason := token.why_over:
        raise refuse_credential(reason, Code.REVOKED if token.has_ended else Code.EXPIRED)
    user, subject = token.session.user, f"terminal:{token.session_id}"
    if token.project_id is None:
        caller = CredentialCaller(
            kind=CallerKind.LOGIN,
            credential=Credential.TERMINAL,
            subject=subject,
            principal=Principal.of_user(user),
        )
    else:
        caller = create_project_caller(user, token.project_id, subject)
    TOKEN_USES.record(token.pk, peppers()[0].id, b"")
    return caller


def create_project_caller(user: User, pk: int, subject: str) -> CredentialCaller:
    """Returns the user in the project of their token. Raises Refused with 401 if they cannot use it."""
    project = usable_projects(user).filter(pk=pk).select_related("organization").first()
    if project is None:
        raise refuse_project_token(user, pk)
    role = project.principal_role
    return CredentialCaller(
        kind=CallerKind.SCOPED,
        credential=Credential.TERMINAL,
        subject=subject,
        may_read_usage=role is not None and allows(role, Permission.USAGE_SEE),
        principal=Principal.of_user(user),
        organization=project.organization,
        project=project,
    )


def refuse_project_token(user: User, project_pk: int) -> Refused:
    """Returns the refusal of a project token; the reason is the second factor if that is what is missing."""
    try:
        find_project_access(Principal.of_user(user), pk=project_pk)
    except SecondFactorMissing as missing:
        return refuse_credential(str(missing), FACTOR_MISSING)
    except Http404:
        pass
    return refuse_credential(CLOSED, "no_access")


def authenticate_personal_token(text: str) -> CredentialCaller:
    token: PersonalToken | None = PersonalToken.objects.in_full().with_secret(text).first()
    if token is None:
        raise refuse_credential("This access token doesn't exist.", Code.NOT_FOUND)
    if token.revoked_at or not token.user.is_active:
        raise refuse_credential("This access token was revoked.", Code.REVOKED)
    if token.is_expired:
        raise refuse_credential("This access token has expired.", Code.EXPIRED)
    try:
        access = find_token_access(token)
    except SecondFactorMissing as missing:
        raise refuse_credential(str(missing), FACTOR_MISSING) from missing
    if access is None:
        raise refuse_credential(SHUT, "no_access")
    PERSONAL_USES.record(token.pk, token.pepper_id, digest(text, peppers()[0]))
    usage = Permission.USAGE_SEE if token.project else Permission.COST_ANALYTICS_SEE
    return CredentialCaller(
        kind=CallerKind.SCOPED if token.project else CallerKind.ORGANIZATION,
        credential=Credential.PERSONAL_TOKEN,
        subject=f"token:{token.pk}",
        may_read_usage=access.holds(usage),
        principal=access.principal,
        organization=token.organization,
        project=token.project,
        access=access,
        read_only=token.scope == TokenScope.READ,
    )


def authenticate_admin_key(text: str) -> CredentialCaller:
    key: AdminKey | None = AdminKey.objects.with_people().with_secret(text).first()
    if key is None:
        raise refuse_credential("This admin API key doesn't exist.", Code.NOT_FOUND)
    if key.revoked_at:
        raise refuse_credential("This admin API key was revoked.", Code.REVOKED)
    if key.is_expired:
        raise refuse_credential("This admin API key has expired.", Code.EXPIRED)
    access = find_admin_key_access(key)
    if access is None:
        raise refuse_credential("This admin API key's organization is closed.", "no_access")
    ADMIN_KEY_USES.record(key.pk, key.pepper_id, digest(text, peppers()[0]))
    return CredentialCaller(
        kind=CallerKind.ADMIN_KEY,
        credential=Credential.ADMIN_KEY,
        subject=f"admin_key:{key.pk}",
        may_read_usage=True,
        principal=access.principal,
        organization=key.organization,
        access=access,
    )


def authenticate_account_token(text: str) -> CredentialCaller:
    token: AccountToken | None = AccountToken.objects.in_full().with_secret(text).first()
    if token is None:
        raise refuse_credential("This service account token doesn't exist.", Code.NOT_FOUND)
    if token.revoked_at:
        raise refuse_credential("This service account token was revoked.", Code.REVOKED)
    if token.is_expired:
        raise refuse_credential("This service account token has expired.", Code.EXPIRED)
    access = find_account_access(token)
    if access is None:
        raise refuse_credential(NOT_ACCESSIBLE, "no_access")
    ACCOUNT_TOKEN_USES.record(token.pk, token.pepper_id, digest(text, peppers()[0]))
    return CredentialCaller(
        kind=CallerKind.KEY,
        credential=Credential.SERVICE_ACCOUNT,
        subject=f"account_token:{token.pk}",
        may_read_usage=access.holds(Permission.USAGE_SEE),
        principal=access.principal,
        organization=access.organization,
        project=access.project,
        service_account=token.service_account,
        access=access,
    )


def authenticate_key(token: str) -> CredentialCaller:
    verdict = verify_key(token)
    # A key whose budget is spent still says whose it is, and reads usage: neither costs anything.
    if not verdict.is_valid and verdict.code is not Code.BUDGET_EXCEEDED:
        malformed = verdict.code is Code.MALFORMED
        raise refuse_credential(MISTYPED if malformed else REASONS[verdict.code], verdict.code)
    secret = KeySecret.objects.select_related(
        "api_key__project__organization", "api_key__service_account"
    ).get(pk=verdict.secret)
    project = secret.api_key.project
    return CredentialCaller(
        kind=CallerKind.KEY,
        credential=Credential.API_KEY,
        subject=f"key:{secret.api_key_id}",
        may_read_usage=secret.may_read_usage,
        key=secret.api_key,
        organization=project.organization,
        project=project,
    )
