"""Names browsers and programs by their User-Agent header, which anyone can choose: for display alone."""

import re

# In this order: browsers also name those that they descend from.
BROWSERS = (
    ("Edge", re.compile(r"\bEdgA?/|\bEdgiOS/")),
    ("Opera", re.compile(r"\bOPR/")),
    ("Firefox", re.compile(r"\b(Firefox|FxiOS)/")),
    ("Chrome", re.compile(r"\b(Chrome|HeadlessChrome|CriOS)/")),
    ("Safari", re.compile(r"\bSafari/")),
)
SYSTEMS = (
    ("iPhone", re.compile(r"\biPhone\b")),
    ("iPad", re.compile(r"\biPad\b")),
    ("Android", re.compile(r"\bAndroid\b")),
    ("Windows", re.compile(r"\bWindows\b")),
    ("macOS", re.compile(r"\bMacintosh\b|\bMac OS X\b")),
    ("ChromeOS", re.compile(r"\bCrOS\b")),
    ("Linux", re.compile(r"\bLinux\b|\bX11\b")),
)
LONGEST_PRODUCT = 40


def describe_user_agent(agent: str) -> str:
    """Returns "Chrome on macOS", or the first product of a program, such as "curl/8.5"; "" without one."""
    browser = next((name for name, pattern in BROWSERS if pattern.search(agent)), "")
    if browser:
        system = next((name for name, pattern in SYSTEMS if pattern.search(agent)), "")
        return f"{browser} on {system}" if system else browser
    return agent.partition(" ")[0][:LONGEST_PRODUCT]
