"""The form with the name of a saved view."""

from accounts.forms import ActionForm, NameFormField


class ViewNameForm(ActionForm):
    """The name under which a view is saved."""

    name = NameFormField(label="Name")
