"""Puts the events there are into chains, one an organization and one for the rest."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from accounts.models.audit import chained_hash


def chain_the_trail(apps: Any, schema_editor: Any) -> None:
    chains = apps.get_model("accounts", "AuditChain").objects
    events = apps.get_model("accounts", "AuditEvent").objects
    for event in events.order_by("pk").iterator():
        chain, _ = chains.get_or_create(organization_id=event.organization_id)
        event.chain, event.sequence = chain, chain.length + 1
        event.hash = chained_hash(event, chain.head)
        event.save(update_fields=["chain", "sequence", "hash"])
        chain.length, chain.head = event.sequence, event.hash
        chain.save(update_fields=["length", "head"])


class Migration(migrations.Migration):
    # PostgreSQL alters no table that has pending trigger events: each step commits by itself.
    atomic = False

    dependencies = [("accounts", "0002_organizations_whole")]

    operations = [
        migrations.RunPython(chain_the_trail, migrations.RunPython.noop, atomic=True),
        migrations.AlterField(
            "auditevent",
            "chain",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="events",
                to="accounts.auditchain",
            ),
        ),
        migrations.AlterField("auditevent", "sequence", models.PositiveBigIntegerField()),
        migrations.AlterField("auditevent", "hash", models.CharField(max_length=64)),
    ]
