"""The form in which someone uploads or pastes a list of people, sees it checked, and confirms it."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Protocol, TypeVar

from django import forms
from django.http import HttpRequest

from accounts.actors import Actor
from accounts.forms import CreatingForm, get_form_data
from accounts.invitations.csv_reading import InvalidCsvError, decode_csv
from accounts.invitations.people_files import (
    EMAIL,
    PEOPLE_AT_ONCE,
    PeopleTable,
    format_people,
    parse_people,
)
from accounts.invitations.previews import Preview

Entry = TypeVar("Entry")
CHANGED = "The list or what would happen to it has changed since. Check it again."


class Result(Protocol):
    """What a service did for one person; without a `refusal` they were added."""

    @property
    def email(self) -> str: ...
    @property
    def refusal(self) -> str: ...
    @property
    def too_many(self) -> bool: ...


class PeopleFileForm(CreatingForm):
    """People from `file`, or else from `people`. `columns` are those that the file may have.

    `confirmed` is the mark of the preview that was displayed; without it nothing is done.
    """

    columns: ClassVar[Sequence[str]] = (EMAIL,)
    file = forms.FileField(
        label="CSV file",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
        help_text=f"From Excel, Google Sheets or another program, with at most {PEOPLE_AT_ONCE} people.",
    )
    people = forms.CharField(
        label="Or paste the rows",
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off", "spellcheck": "false"}),
    )
    confirmed = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)
    table: PeopleTable
    added = 0

    def __init__(self, request: HttpRequest) -> None:
        data = get_form_data(request)
        super().__init__(data, None if data is None else request.FILES)

    def clean(self) -> None:
        if self.errors:
            return
        file = self.cleaned_data["file"]
        try:
            text = decode_csv(file.read()) if file else self.cleaned_data["people"]
            self.show(text)
            self.table = parse_people(text, self.columns)
        except InvalidCsvError as error:
            self.add_error("file" if file else "people", str(error))

    def show(self, text: str) -> None:
        """Shows the text of the file in the field, so that it can be corrected and sent again."""
        data = self.copy_data(people=text)
        if self.cleaned_data["confirmed"]:
            data["form_token"] = self.data.get("form_token", "")
        # Until it is confirmed the form does nothing: the token of the first page stays unused.
        self.data = data

    def add_people(
        self,
        preview: Preview[Entry],
        action: Callable[[list[Entry]], Any],
        *,
        actor: Actor,
        locate: Callable[[Any], str],
    ) -> bool:
        """Calls `action` with the people in the preview if it was confirmed.

        Returns whether all of them were added, now or when the form was first sent. The others stay in the
        form, each with the reason.
        """
        if not self.is_confirmed(preview, actor):
            return False

        def act(**_: Any) -> Any:
            return action(preview.entries)

        if not self.perform_once(act, actor=actor, locate=locate):
            return False
        return self.is_repeated or self.keep_refused(preview)

    def is_confirmed(self, preview: Preview[Any], actor: Actor) -> bool:
        """Returns whether the preview was displayed and confirmed, or the form was sent before.

        If there is something to confirm that was not displayed, says so.
        """
        confirmed = self.cleaned_data["confirmed"]
        if not confirmed:
            return False
        # Looked up after the preview was built, which shows what a form sent at the same moment did.
        if confirmed != preview.mark and not self.find_sent(actor):
            self.refuse(CHANGED)
            return False
        return bool(preview.entries or self.find_sent(actor))

    def keep_refused(self, preview: Preview[Any]) -> bool:
        """Leaves those who were not added in the form. Returns whether everyone in the preview was added."""
        results: list[Result] = list(self.result)
        refusals = {result.email: result.refusal for result in results if result.refusal}
        self.added = len(results) - len(refusals)
        if not refusals:
            return True
        self.too_many = any(result.too_many for result in results)
        left = [row.person for row in preview.rows if not row.entry or row.person.email in refusals]
        self.data = self.copy_data(people=format_people(left))
        for row in preview.rows:
            if row.entry and (refusal := refusals.get(row.person.email)):
                self.add_error("people", f"Line {row.person.line}: {refusal}")
        return False

    @property
    def status(self) -> int:
        """200 also for a preview, which only has to be confirmed."""
        return super().status if self.errors else 200
