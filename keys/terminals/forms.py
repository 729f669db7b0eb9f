"""Forms for terminals: the code of a login, and an organization's switch for terminal login."""

from django import forms
from django.core.exceptions import ValidationError

from accounts.forms import ActionForm
from keys.formats import format_user_code, parse_user_code
from keys.models import DeviceLogin

EXAMPLE = format_user_code("WDJBMJHT")
UNKNOWN_CODE = (
    "This code is wrong or has expired. Check it, or start again in the terminal to get a new one."
)


class CodeForm(ActionForm):
    """The code that a terminal shows, cleaned to the form in which it is stored."""

    user_code = forms.CharField(
        label="Code",
        max_length=40,
        help_text=f"The code that your terminal shows, such as {EXAMPLE}.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_user_code(self) -> str:
        code = parse_user_code(self.cleaned_data["user_code"])
        if not code:
            raise ValidationError(f"A code is eight letters, such as {EXAMPLE}.")
        return code

    def login(self) -> DeviceLogin | None:
        """Returns the login that waits for the code; None if the code is invalid or unknown."""
        if not self.is_bound or not self.is_valid():
            return None
        return DeviceLogin.objects.waiting_for(self.cleaned_data["user_code"])

    def add_unknown_code_error(self) -> None:
        self.add_error("user_code", UNKNOWN_CODE)


class TerminalLoginForm(ActionForm):
    """Whether people can use the organization's projects from a terminal."""

    allowed = forms.BooleanField(
        label="Let people sign in from a terminal",
        required=False,
        help_text="People sign in with `tg login` or a similar program to use the projects. If you turn this "
        "off, their terminal tokens stop working here immediately. API keys aren't affected.",
    )
