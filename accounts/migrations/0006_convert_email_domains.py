"""Stores the domains of email addresses in ASCII, as they are mailed to.

The version before stored them in Unicode, so that one mailbox could have two accounts. Where the
converted address is another row's already, both stay as they are and are reported.
"""

from typing import Any

import idna
from django.db import IntegrityError, migrations, transaction

COLUMNS = (
    ("accounts", "User", "email"),
    ("account", "EmailAddress", "email"),
    ("accounts", "Invitation", "email"),
    ("accounts", "OutgoingMail", "to"),
)


def in_ascii(address: str) -> str:
    local, at, domain = address.rpartition("@")
    try:
        return f"{local}{at}{idna.encode(domain, uts46=True).decode('ascii')}"
    except (idna.IDNAError, UnicodeError):
        return address


def convert(apps: Any, schema_editor: Any) -> None:
    """Converts each row by itself: what the database refuses, because it is unique, is left."""
    for app, model_name, column in COLUMNS:
        model = apps.get_model(app, model_name)
        rows = model.objects.filter(**{f"{column}__regex": "@.*[^ -~]"})
        for pk, address in list(rows.values_list("pk", column)):
            converted = in_ascii(address)
            if converted == address:
                continue
            try:
                with transaction.atomic(using=schema_editor.connection.alias):
                    model.objects.filter(pk=pk).update(**{column: converted})
            except IntegrityError:
                print(  # noqa: T201  (on the standard output of migrate)
                    f"\n  {address} and {converted} are one mailbox with two rows ({model_name})."
                )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_clearer_names"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [migrations.RunPython(convert, migrations.RunPython.noop, elidable=True)]
