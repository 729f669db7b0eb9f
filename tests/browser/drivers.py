"""Three ways to use a page: with the mouse, with the keyboard alone, and without script."""

from typing import ClassVar

from playwright.sync_api import ElementHandle, Locator, Page, expect

# More stops than any page has; one that cannot be reached within them cannot be reached.
MOST_TABS = 120


class Mouse:
    """Points and clicks; types only what is to be written."""

    with_script: ClassVar[bool] = True

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, target: Locator) -> None:
        target.click()

    def tick(self, box: Locator) -> None:
        box.click()

    def write(self, field: Locator, text: str) -> None:
        field.click()
        self.page.keyboard.type(text)

    def empty(self, field: Locator) -> None:
        field.click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.press("Delete")

    def choose(self, select: Locator, label: str) -> None:
        select.select_option(label=label)

    def pick(self, group: Locator, label: str) -> None:
        """Chooses a radio button of the group."""
        group.get_by_role("radio", name=label, exact=True).click()


class WithoutScript(Mouse):
    """The same in a browser whose JavaScript is off."""

    with_script = False


class Keyboard(Mouse):
    """Never touches the mouse: goes with Tab to what it means and presses Enter."""

    def reach(self, target: Locator) -> None:
        expect(target).to_be_visible()
        # Once, as finding it by its role and name takes longer than the stop itself.
        element = target.element_handle()
        for _ in range(MOST_TABS):
            if is_focused(element):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not lead to {target}")

    def press(self, target: Locator) -> None:
        self.reach(target)
        self.page.keyboard.press("Enter")

    def tick(self, box: Locator) -> None:
        self.reach(box)
        self.page.keyboard.press("Space")

    def write(self, field: Locator, text: str) -> None:
        self.reach(field)
        self.page.keyboard.type(text)

    def empty(self, field: Locator) -> None:
        self.reach(field)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.press("Delete")

    def choose(self, select: Locator, label: str) -> None:
        self.reach(select)
        self.page.keyboard.type(label)
        expect(select.locator("option:checked")).to_have_text(label)

    def pick(self, group: Locator, label: str) -> None:
        self.reach(group.get_by_role("radio", checked=True))
        target = group.get_by_role("radio", name=label, exact=True)
        for _ in range(group.get_by_role("radio").count()):
            if is_focused(target):
                break
            self.page.keyboard.press("ArrowDown")
        expect(target).to_be_checked()


def is_focused(target: Locator | ElementHandle) -> bool:
    return bool(target.evaluate("element => element === document.activeElement"))
