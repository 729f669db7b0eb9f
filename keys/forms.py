"""Forms of keys."""

from typing import Any

from accounts.forms import ActForm, NameFormField
from keys.models import KeyPolicy


class CreateKeyForm(ActForm):
    """A new key. Its hidden token makes a form that is sent twice make one key."""

    name = NameFormField(
        label="Name", help_text="What it is for, such as the service that uses it."
    )

    def __init__(self, data: Any, *, policy: KeyPolicy) -> None:
        super().__init__(data)
        self.policy = policy
