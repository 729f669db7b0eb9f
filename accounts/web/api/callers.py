"""Who calls the API: the kinds of credentials, and the caller that a request comes from."""

from dataclasses import dataclass
from enum import StrEnum

from django.http import HttpRequest

from accounts.access.base import Access
from accounts.actors import Actor
from accounts.models import Organization, User
from accounts.models.principals import Principal


class Credential(StrEnum):
    """The kinds of credentials, by their names in the OpenAPI document."""

    API_KEY = "apiKey"
    SERVICE_CREDENTIAL = "serviceCredential"
    PERSONAL_TOKEN = "personalToken"  # noqa: S105  (the name of a kind)
    TERMINAL = "terminal"
    ADMIN_KEY = "adminKey"
    SERVICE_ACCOUNT = "serviceAccount"


CREDENTIAL_NAMES = {
    Credential.API_KEY: "an API key",
    Credential.SERVICE_CREDENTIAL: "a service credential",
    Credential.PERSONAL_TOKEN: "a personal access token",
    Credential.TERMINAL: "a terminal’s access token",
    Credential.ADMIN_KEY: "an admin API key",
    Credential.SERVICE_ACCOUNT: "a service account token",
}


@dataclass(frozen=True, kw_only=True)
class Caller:
    """The owner of the credential that a request carries; the credential is valid now.

    `subject` is what its requests are counted for. Credentials that manage nothing have no principal.
    `access` is what the principal may do in the organization or project that the credential is for.
    `read_only` credentials change nothing.
    """

    credential: Credential
    subject: str
    principal: Principal | None = None
    organization: Organization | None = None
    access: Access | None = None
    read_only: bool = False

    @property
    def user(self) -> User | None:
        """Returns the person who acts, or None for programs."""
        return self.principal.user if self.principal else None

    def actor(self, request: HttpRequest) -> Actor:
        """Returns the caller as services and the audit log take it, with where the request came from."""
        assert self.principal is not None
        return Actor.of(request).acting_as(self.principal)


# The credentials that may manage an organization or project, each as far as its principal may.
MANAGERS = (Credential.ADMIN_KEY, Credential.PERSONAL_TOKEN, Credential.SERVICE_ACCOUNT)


def require_organization(caller: Caller) -> Organization:
    """Returns the organization of a caller whose permission in it was checked."""
    assert caller.organization is not None
    return caller.organization


def set_caller(request: HttpRequest, caller: Caller) -> None:
    vars(request)["caller"] = caller


def get_caller(request: HttpRequest) -> Caller:
    """Returns the caller that the console's middleware determined before the view."""
    caller: Caller = vars(request)["caller"]
    return caller
