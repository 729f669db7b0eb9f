"""Somebody's browser without script, over real HTTP: cookies, form tokens, and what every page said."""

import re
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

from django.conf import settings

from accounts.models import User
from tests.load.server import Server
from tests.pages import freshly_signed_in

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Browser:
    """Signed in as `user`. `said` is every answer's body, in order."""

    def __init__(self, server: Server, user: User) -> None:
        self.server = server
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()))
        session = freshly_signed_in(user).cookies[settings.SESSION_COOKIE_NAME].value
        self.session = f"{settings.SESSION_COOKIE_NAME}={session}"
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
        request.add_header("Cookie", self.session)
        try:
            with self.opener.open(request, timeout=30) as answer:
                text = answer.read().decode()
        except HTTPError as error:
            text = error.read().decode()
        self.said.append(text)
        return str(text)
