"""Tags changed at the same moment: each name has one value on a day, and no change is lost unsaid."""

from functools import partial

import pytest

from accounts.actors import Actor
from accounts.models import AuditEvent
from keys.api_keys.tag_services import change_key_tags
from projects.tags.periods import compute_fingerprint, get_tags
from projects.tags.services import change_project_tags
from tests.races.at_once import assert_rules_hold, at_once, outcomes
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_same_form_is_sent_four_times_with_other_tags(world: World, rounds: range) -> None:
    """One is saved; the others are told that the tags have changed."""
    for _ in rounds:
        seen = compute_fingerprint(get_tags(world.research))
        people = (world.owner, world.admin, world.project_admin, world.external_admin)
        before = AuditEvent.objects.count()
        came = outcomes(
            *(
                partial(
                    change_project_tags,
                    actor=Actor.of_user(user),
                    project=world.research,
                    tags={"round": f"{before}", "by": user.name},
                    seen=seen,
                )
                for user in people
            )
        )
        assert came == {"done": 1, "conflict": 3}
        assert AuditEvent.objects.count() == before + 1
        assert get_tags(world.research)["by"] in {user.name for user in people}
        assert_rules_hold()


def test_programs_replace_all_tags_at_once(world: World, rounds: range) -> None:
    """The set that is there in the end is one of those sent, not a mixture."""
    for number in rounds:
        sets = [
            {f"tag{each}": f"{number} {start}" for each in range(start, start + 16)}
            for start in (0, 5, 10)
        ]
        at_once(
            [
                partial(
                    change_project_tags,
                    actor=Actor.of_user(world.owner),
                    project=world.research,
                    tags=tags,
                )
                for tags in sets
            ]
            + [
                partial(change_key_tags, actor=Actor.of_user(world.owner), key=world.key, tags=tags)
                for tags in sets
            ]
        )
        assert get_tags(world.research) in sets
        assert get_tags(world.key) in sets
