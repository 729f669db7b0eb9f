"""Names of a model that arrive at the same moment, and an alias that is added then, end as one model."""

from functools import partial

import pytest

from accounts.actors import Actor
from tests.races.at_once import at_once, outcomes
from tests.world import World
from usage.catalogue.services.aliases import create_alias
from usage.catalogue.services.model_names import update_canonical_models
from usage.ingest.rating import ensure_models
from usage.model_names import AliasRules
from usage.models import ModelName

pytestmark = pytest.mark.django_db(transaction=True)


def test_names_that_differ_in_case_are_one_model(world: World, rounds: range) -> None:
    for number in rounds:
        names = [f"nova-{number}", f"Nova-{number}", f"NOVA-{number}", f"noVA-{number}"]
        at_once([partial(ensure_models, {name}) for name in names])
        rows = ModelName.objects.filter(name__in=names)
        assert rows.count() == 4
        assert rows.filter(canonical=None).count() == 1
        assert update_canonical_models() == 0


def test_an_alias_covers_the_names_that_arrive_at_the_same_moment(
    world: World, rounds: range
) -> None:
    staff = Actor.of_user(world.staff)
    for number in rounds:
        alias = partial(create_alias, actor=staff, pattern=f"gateway-{number}/*", target="")
        names = [f"gateway-{number}/{name}" for name in ("a", "A", "b")]
        at_once([alias, *(partial(ensure_models, {name}) for name in names)])
        rows = ModelName.objects.filter(name__in=names).select_related("canonical")
        canonical = {row.canonical.name.lower() if row.canonical else "" for row in rows}
        assert canonical == {"a", "b"}
        assert update_canonical_models() == 0


def test_aliases_added_at_the_same_moment_never_lead_in_a_circle(
    world: World, rounds: range
) -> None:
    staff = Actor.of_user(world.staff)
    for number in rounds:
        names = [f"a-{number}", f"b-{number}"]
        pairs = [names, names[::-1]]
        acts = [partial(create_alias, actor=staff, pattern=a, target=b) for a, b in pairs]
        assert outcomes(*acts) == {"conflict": 1, "done": 1}
        assert AliasRules.fetch().find_circle() == []
