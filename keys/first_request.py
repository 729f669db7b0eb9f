"""The first request with a new key, as the operator describes it (API_URL and FIRST_REQUEST)."""

from typing import NamedTuple

from django.conf import settings
from django.urls import reverse

KEY = "$API_KEY"


class FirstRequest(NamedTuple):
    """A command, the address of the API that customers call, and whether the command only checks the key."""

    command: str
    api_url: str
    only_checks: bool


def build_first_request() -> FirstRequest:
    """Returns the operator's command; without one, a request that asks the console whose the key is."""
    api_url: str = settings.API_URL
    if settings.FIRST_REQUEST:
        command = settings.FIRST_REQUEST.replace("\\n", "\n").replace("$API_URL", api_url)
        return FirstRequest(command, api_url, only_checks=False)
    address = f"{settings.BASE_URL}{reverse('api_auth')}"
    command = f'curl -i {address} \\\n  -H "Authorization: Bearer {KEY}"'
    return FirstRequest(command, api_url, only_checks=True)
