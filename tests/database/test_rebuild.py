"""A migration that alters tables with rows in them: rows, triggers and their refusals are all there after.

SQLite rebuilds an altered table and drops its triggers; PostgreSQL refuses to alter a column that a
trigger names.
"""

import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Membership
from console import triggers
from tests.database.attempts.admin_keys import admin_key, stored_answer
from tests.database.attempts.api_keys import credential, leak, policy
from tests.database.attempts.budgets import alert, block, sent_alert, spend
from tests.database.attempts.every_constraint import muted, offer, view
from tests.database.attempts.personal_tokens import token
from tests.database.attempts.request_limits import project_limits
from tests.database.attempts.service_accounts import account_token
from tests.database.attempts.sign_in import factor_reset, trusted_browser
from tests.database.attempts.tags import key_tag, project_tag
from tests.database.attempts.terminals import session
from tests.database.attempts.usage import alias, moved_usage, saved_view
from tests.database.refusals import OURS, all_rows, our_models, refused
from tests.world import build_world
from usage.models import SeriesWalk

pytestmark = pytest.mark.django_db(transaction=True)
ALTERED = {"CharField", "updated_at", "requests", "reached", "spent"}
WIDEN_EVERY_TEXT = """
from django.apps import apps
from django.db import migrations, models


def altered(field):
    clone = field.clone()
    if field.max_length:
        clone.max_length += 1
    else:
        clone.null = True
    return clone


class Migration(migrations.Migration):
    dependencies = [({label!r}, {last!r})]
    operations = [
        migrations.AlterField(model._meta.model_name, field.name, altered(field))
        for model in apps.get_app_config({label!r}).get_models()
        for field in model._meta.local_fields
        if isinstance(field, models.CharField) or field.name in ("updated_at", "requests", "reached", "spent")
    ]
"""


@pytest.fixture
def widening(
    db: None,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[None]:
    """The apps' own migrations and one more each, altering every text column (or another)."""
    before = dict(settings.MIGRATION_MODULES)
    loader = MigrationLoader(connection)
    last = {label: loader.graph.leaf_nodes(label)[0][1] for label in OURS}
    for label in OURS:
        package = tmp_path / f"widened_{label}"
        origin = import_module(loader.migrations_module(label)[0]).__file__
        shutil.copytree(Path(str(origin)).parent, package)
        text = WIDEN_EVERY_TEXT.format(label=label, last=last[label])
        (package / "9999_widen.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    settings.MIGRATION_MODULES = {**before, **{label: f"widened_{label}" for label in OURS}}
    yield
    for label in OURS:
        call_command("migrate", label, last[label], verbosity=0)


def test_altering_every_table_keeps_its_rows_and_triggers(widening: None) -> None:
    world = build_world()
    offer(world), view(world), muted(world)
    policy(world), credential(world), leak(world), moved_usage(world)
    session(world), token(world), admin_key(world), account_token(world)
    trusted_browser(world), factor_reset(world), saved_view(world), alias(world)
    project_tag(world), key_tag(world)
    world.owner.form_tokens.create(token="sent")
    stored_answer()
    spend(world), alert(world), sent_alert(world), block(world)
    project_limits(world)
    SeriesWalk.objects.create(finished_at=timezone.now())
    rows, fetch_installed = all_rows(), triggers.fetch_installed(connection)
    assert all(rows.values()), "every table must have rows, or the test shows nothing"

    call_command("migrate", verbosity=0)

    loader = MigrationLoader(connection)
    assert {(label, "9999_widen") for label in OURS} <= set(loader.applied_migrations)
    assert all_rows() == rows
    assert triggers.fetch_installed(connection) == fetch_installed
    with refused("an organization needs an Owner"):
        Membership.objects.filter(organization=world.organization).update(role="member")


def test_every_table_of_ours_has_a_column_to_alter() -> None:
    kinds = {
        model: {field.get_internal_type() for field in model._meta.fields}
        | {field.name for field in model._meta.fields}
        for model in our_models()
    }
    assert [model for model, found in kinds.items() if not found & ALTERED] == []


def test_migrating_again_brings_back_a_lost_trigger() -> None:
    fetch_installed = triggers.fetch_installed(connection)
    triggers.drop(connection)
    assert not triggers.fetch_installed(connection)
    call_command("migrate", verbosity=0)
    assert triggers.fetch_installed(connection) == fetch_installed


@pytest.mark.parametrize("asked", [{"plan": True}, {"check_unapplied": True}])
def test_only_asking_what_would_be_migrated_touches_no_trigger(asked: dict[str, bool]) -> None:
    fetch_installed = triggers.fetch_installed(connection)
    call_command("migrate", verbosity=0, **asked)
    assert triggers.fetch_installed(connection) == fetch_installed
