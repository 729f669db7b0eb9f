"""Windows of people, each as if on a computer of its own, and what the browser complains of in them."""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from accounts.models import User, ViewAs
from accounts.support.services.viewing import VIEW_AS
from tests.support.pages import freshly_signed_in

PATIENCE = 30_000  # milliseconds for any one thing to appear, on a busy machine
POLICY = "Content Security Policy"
FAILED = "Failed to load resource"
# Chromium writes violations to the console; the event also names those it keeps to itself.
REPORT = f"""addEventListener("securitypolicyviolation", (event) => {{
  console.error("{POLICY}", event.violatedDirective, event.blockedURI, event.sourceFile);
}});"""


@dataclass
class Windows:
    """Opens a window for each person; no two share cookies.

    `complaints` collects what the browser says of the pages: violations of their policy, scripts
    that fail, files that are missing.

    A context takes Chromium longer to make than a page takes to open. So those of earlier tests are
    used again, without their cookies and pages; one blank page in each keeps its process alive.
    """

    browser: Browser
    address: str
    complaints: list[str] = field(default_factory=list)
    idle: dict[str, list[BrowserContext]] = field(default_factory=dict)
    in_use: dict[BrowserContext, str] = field(default_factory=dict)

    def open(self, user: User | None = None, theme: str = "system", **options: Any) -> Page:
        """An empty window; of somebody signed in already when `user` is given."""
        cookies = {"theme": theme}
        if user is not None:
            client = freshly_signed_in(user)
            keep_viewing(client, user)
            name = settings.SESSION_COOKIE_NAME
            cookies[name] = client.cookies[name].value
        context = self.take_context(options)
        context.add_cookies(
            [{"name": key, "value": value, "url": self.address} for key, value in cookies.items()]
        )
        return context.new_page()

    def take_context(self, options: dict[str, Any]) -> BrowserContext:
        key = repr(sorted(options.items()))
        idle = self.idle.setdefault(key, [])
        context = idle.pop() if idle else self.make_context(options)
        self.in_use[context] = key
        return context

    def make_context(self, options: dict[str, Any]) -> BrowserContext:
        context = self.browser.new_context(base_url=self.address, **options)
        context.set_default_timeout(PATIENCE)
        self.listen(context)
        context.new_page()
        return context

    def close(self, page: Page) -> None:
        """Closes the window with all of its pages."""
        context = page.context
        for other in context.pages[1:]:
            other.close()
        context.clear_cookies()
        self.idle[self.in_use.pop(context)].append(context)

    def close_all(self) -> None:
        for context in list(self.in_use):
            self.close(context.pages[0])
        self.complaints.clear()

    def listen(self, context: BrowserContext) -> None:
        """The console names files that are missing, too; hearing of each response takes longer."""

        def hear(message: ConsoleMessage) -> None:
            file = message.location["url"]
            missing = FAILED in message.text and "/static/" in file
            if missing or POLICY in message.text:
                where = message.page.url if message.page else ""
                self.complaints.append(f"{where}: {message.text} {file}")

        context.add_init_script(REPORT)
        context.on("console", hear)
        context.on("weberror", lambda failure: self.complaints.append(str(failure.error)))


def keep_viewing(client: Client, staff: User) -> None:
    """Whoever views as somebody does so in this window, too."""
    if view := ViewAs.objects.unended().filter(staff=staff).first():
        session = client.session
        session[VIEW_AS] = view.public_id
        session.save()
