"""A terminal that logs in at the token server, and the browser of whoever approves it, as tests see them."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.test import Client

from accounts.models import User
from keys.models import TerminalSession
from projects.models import Project
from tests.support.openapi_contract import documented
from tests.support.pages import freshly_signed_in

CLIENT = "app_CfXyxzEgNqQmH1PJEr2Xw"
DEVICE, TOKEN, REVOKE = "/oauth/device", "/oauth/token", "/oauth/revoke"
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
SESSION = "urn:together.ai:params:oauth:grant-type:session"
ACCESS_TOKEN_TYPE = "urn:ietf:params:oauth:token-type:access_token"
AGENT = "together-cli/3.1.1"


def post(path: str, body: str = "", **form: str) -> Any:
    """A form sent as terminals do; or `body` as it stands."""
    answer = Client(raise_request_exception=False).post(
        path,
        body or urlencode({"client_id": CLIENT, **form}),
        content_type="application/x-www-form-urlencoded",
        headers={"user-agent": AGENT},
    )
    return documented(answer)


def grant(kind: str, **form: str) -> Any:
    return post(TOKEN, grant_type=kind, **form)


def refusal(answer: Any) -> str:
    """The word of an OAuth error, which says in a sentence what is the matter."""
    assert set(answer.json()) - {"interval"} == {"error", "error_description"}, answer.content
    assert answer.json()["error_description"].endswith(".")
    assert answer["Cache-Control"] == "no-store"
    assert answer.status_code in (400, 401)
    return str(answer.json()["error"])


@dataclass(frozen=True)
class Asking:
    """A login that was begun."""

    device_code: str
    user_code: str
    address: str
    told: dict[str, Any]

    def poll(self) -> Any:
        return grant(DEVICE_CODE, device_code=self.device_code)

    def answer(self, user: User | Client, act: str = "approve") -> Any:
        browser = freshly_signed_in(user) if isinstance(user, User) else user
        return browser.post(f"/device/{act}/?user_code={self.user_code}")


def ask() -> Asking:
    answer = post(DEVICE)
    assert answer.status_code == 200, answer.content
    told = answer.json()
    parts = urlsplit(told["verification_uri_complete"])
    return Asking(told["device_code"], told["user_code"], f"{parts.path}?{parts.query}", told)


@dataclass(frozen=True)
class Terminal:
    """One that is logged in, with its present tokens."""

    access: str
    refresh: str

    @property
    def session(self) -> TerminalSession:
        return TerminalSession.objects.order_by("-pk")[0]

    def renew(self, access: str = "") -> Any:
        return grant(
            "refresh_token", refresh_token=self.refresh, access_token=access or self.access
        )

    def switch(self, project: Project | str) -> Any:
        resource = project.public_id if isinstance(project, Project) else project
        return grant(
            EXCHANGE,
            subject_token=self.access,
            subject_token_type=ACCESS_TOKEN_TYPE,
            resource=resource,
        )

    def project_token(self, project: Project) -> str:
        answer = self.switch(project)
        assert answer.status_code == 200, answer.content
        return str(answer.json()["access_token"])


def renewed(token: str) -> Any:
    """The session grant, which gives the next token of a project."""
    return grant(SESSION, access_token=token)


def of(answer: Any) -> Terminal:
    """The terminal as it is after tokens were given."""
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert told["token_type"] == "Bearer"
    assert type(told["expires_in"]) is int
    return Terminal(told["access_token"], told["refresh_token"])


def logged_in(user: User) -> Terminal:
    """A terminal that this person approved."""
    asking = ask()
    assert asking.answer(user).status_code == 302
    return of(asking.poll())
