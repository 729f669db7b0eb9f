"""Somebody's browser without script, over real HTTP: cookies, form tokens, and what every page said."""

import re
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from accounts.models import User
from tests.load.server import Server
from tests.support.pages import freshly_signed_in

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Browser:
    """Signed in as `user`. `said` is every answer's body, in order."""

    def __init__(self, server: Server, user: User) -> None:
        self.server = server
        self.cookies = freshly_signed_in(user).cookies
        self.said: list[str] = []

    def get(self, path: str, **headers: str) -> str:
        return self.send(Request(self.server.url + path, headers=headers))

    def post(self, path: str, **fields: str) -> str:
        """Fills in the form of that page and sends it."""
        page = self.get(path)
        token = TOKEN.search(page)
        assert token, f"no form at {path}"
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
        data = urlencode({**hidden, **fields}).encode()
        return self.send(Request(self.server.url + path, data, {"Referer": self.server.url + path}))

    def send(self, request: Request) -> str:
        sent = (f"{name}={cookie.value}" for name, cookie in self.cookies.items())
        request.add_header("Cookie", "; ".join(sent))
        try:
            answer = urlopen(request, timeout=30)
        except HTTPError as error:
            answer = error
        with answer:
            for cookie in answer.headers.get_all("Set-Cookie", []):
                self.cookies.load(cookie)
            self.said.append(answer.read().decode())
        return self.said[-1]
