"""Support adds, changes and removes aliases of models, and sees which names change before."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import AuditEvent
from tests.support.pages import signed_in, words
from tests.usage.helpers.admin_client import allowed, asked, confirmed
from tests.world import World
from usage.ingest.rating import ensure_models
from usage.models import ModelAlias, ModelName

pytestmark = pytest.mark.django_db
CREATE = "/admin/usage/modelalias/create/"


def page(alias: ModelAlias, act: str = "edit") -> str:
    return reverse(f"admin:usage_modelalias_{act}", args=[alias.pk])


def canonical(name: str) -> str:
    row = ModelName.objects.select_related("canonical").get(name=name)
    return (row.canonical or row).name


def test_an_alias_is_added_after_a_look_at_the_names_it_changes(world: World) -> None:
    ensure_models({"together_ai/llama-3.1-8b", "together_ai/own", "other/own"})
    staff, data = signed_in(world.staff), {"pattern": "together_ai/*", "target": ""}
    said = words(asked(staff, CREATE, data))
    assert "together_ai/llama-3.1-8b counts as llama-3.1-8b. together_ai/own counts as own." in said
    assert "other/own" not in said
    assert "Recorded usage keeps its name and its price" in said
    assert not ModelAlias.objects.exists()
    assert confirmed(staff, CREATE, data).status_code == 302
    assert canonical("together_ai/own") == "own"
    assert AuditEvent.objects.get(act="model_alias.created").after["pattern"] == "together_ai/*"
    again = confirmed(staff, CREATE, {"pattern": "Together_AI/*", "target": "x"})
    assert (again.status_code, list(again.context["form"].errors)) == (409, ["pattern"])


def test_a_name_sent_after_the_look_is_shown_before_the_act(world: World) -> None:
    staff, data = signed_in(world.staff), {"pattern": "gateway/*", "target": ""}
    mark = asked(staff, CREATE, data).context["review"].mark
    ensure_models({"gateway/late"})
    answer = staff.post(CREATE, {**data, "confirmed": mark})
    assert "gateway/late counts as late." in words(answer)
    assert not ModelAlias.objects.exists()


def test_an_alias_is_changed_and_removed(world: World) -> None:
    ensure_models({"gpt-4o-2024", "gpt-4o-mini"})
    staff = signed_in(world.staff)
    confirmed(staff, CREATE, {"pattern": "gpt-4o-2024", "target": "gpt-4o"})
    alias = ModelAlias.objects.get()
    data = {"pattern": "gpt-4o-mini", "target": "gpt-4o"}
    said = words(asked(staff, page(alias), data))
    assert "gpt-4o-2024 counts as gpt-4o-2024. gpt-4o-mini counts as gpt-4o." in said
    assert confirmed(staff, page(alias), data).status_code == 302
    assert (canonical("gpt-4o-2024"), canonical("gpt-4o-mini")) == ("gpt-4o-2024", "gpt-4o")
    assert "gpt-4o-mini counts as gpt-4o-mini." in words(staff.get(page(alias, "remove")))
    assert staff.post(page(alias, "remove")).status_code == 302
    assert canonical("gpt-4o-mini") == "gpt-4o-mini"
    assert staff.post(page(alias, "remove")).status_code == 404


@pytest.mark.parametrize(
    ("data", "field"),
    [
        *(({"pattern": text, "target": "x"}, "pattern") for text in ("", "*", "a*b", "*a*", "a b")),
        *(({"pattern": text, "target": "x"}, "pattern") for text in ("é", "x" * 101, "**", "a**")),
        *(({"pattern": "a", "target": text}, "target") for text in ("", "b*", "b c", "é")),
    ],
)
def test_a_wrong_value_is_refused_at_its_field(
    world: World, data: dict[str, Any], field: str
) -> None:
    answer = asked(signed_in(world.staff), CREATE, data)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])


def test_names_that_would_count_as_each_other_are_refused(world: World) -> None:
    staff = signed_in(world.staff)
    confirmed(staff, CREATE, {"pattern": "a", "target": "b"})
    answer = confirmed(staff, CREATE, {"pattern": "b", "target": "a"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (409, ["target"])
    assert "These would count as each other in turn: a → b → a." in words(answer)


def test_only_staff_with_the_permission_change_aliases(world: World) -> None:
    alias = ModelAlias.objects.create(pattern="a/*")
    staff = signed_in(allowed("view_modelalias", "add_price"))
    for path in (CREATE, page(alias), page(alias, "remove")):
        assert staff.get(path).status_code == 403
        assert staff.post(path, {"pattern": "b/*", "target": ""}).status_code == 403
    assert ModelAlias.objects.get().pattern == "a/*"
