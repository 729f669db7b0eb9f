"""Folded columns of rows that the version before wrote."""

import pytest

from console.operations import search_texts
from console.operations.search_texts import refresh_search_texts
from keys.models import ApiKey, PersonalToken
from tests.keys.helpers.personal_tokens import made
from tests.support.pages import queries
from tests.world import build_world

pytestmark = pytest.mark.django_db


def test_an_interrupted_run_is_continued(monkeypatch: pytest.MonkeyPatch) -> None:
    world = build_world()
    made(world.owner, world.research)
    refresh_search_texts(every_row=False)
    monkeypatch.setattr(search_texts, "BATCH_ROWS", 1)
    total = ApiKey.objects.update(search_text="") + PersonalToken.objects.update(search_text="")
    first = ApiKey.objects.order_by("pk")[0]
    search_texts.refresh_batch(ApiKey.objects.order_by("pk"), [first.pk])
    assert refresh_search_texts(every_row=False) == total - 1
    assert not ApiKey.objects.filter(search_text="").exists()


def test_revoked_keys_and_tokens_are_filled_too() -> None:
    world = build_world()
    ApiKey.objects.filter(pk=world.key.pk).update(revoked_at=world.key.created_at, search_text="")
    assert refresh_search_texts(every_row=False) == 1


def test_nothing_to_do_changes_nothing() -> None:
    build_world()
    refresh_search_texts(every_row=False)
    with queries() as captured:
        assert refresh_search_texts(every_row=False) == 0
    # PostgreSQL reads large results through a cursor.
    assert all(query["sql"].startswith(("SELECT", "DECLARE")) for query in captured)


def test_a_row_that_the_version_before_renamed_is_corrected_after_migrations() -> None:
    world = build_world()
    ApiKey.objects.filter(pk=world.key.pk).update(name="Renamed elsewhere")
    assert refresh_search_texts(every_row=False) == 0
    assert refresh_search_texts(every_row=True) == 1
    assert ApiKey.objects.get(pk=world.key.pk).search_text == "renamed elsewhere"
