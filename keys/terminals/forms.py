"""Forms about terminals: the code of one that wants to log in, and an organization's switch."""

from django import forms
from django.core.exceptions import ValidationError

from accounts.forms import ActionForm
from keys.formats import format_user_code, parse_user_code
from keys.models import DeviceLogin

EXAMPLE = format_user_code("WDJBMJHT")
UNKNOWN_CODE = (
    "No terminal waits with this code. Check it; after ten minutes, start again in the terminal."
)


class CodeForm(ActionForm):
    """The code that a terminal shows; clean gives it as it is stored."""

    user_code = forms.CharField(
        label="Code",
        max_length=40,
        help_text=f"Your terminal shows it, such as {EXAMPLE}.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_user_code(self) -> str:
        code = parse_user_code(self.cleaned_data["user_code"])
        if not code:
            raise ValidationError(f"A code is eight letters, such as {EXAMPLE}.")
        return code

    def login(self) -> DeviceLogin | None:
        """The login that waits for the code, if that is right."""
        if not self.is_bound or not self.is_valid():
            return None
        return DeviceLogin.objects.waiting_for(self.cleaned_data["user_code"])

    def add_unknown_code_error(self) -> None:
        self.add_error("user_code", UNKNOWN_CODE)


class TerminalLoginForm(ActionForm):
    """Whether people work with the organization's projects from a terminal."""

    allowed = forms.BooleanField(
        label="Let people work with its projects from a terminal",
        required=False,
        help_text="With `tg login` and programs like it, each as the person they are. Switched off, "
        "what they have is refused from the next request on; API keys are not concerned.",
    )
