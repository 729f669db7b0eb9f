"""Every page with the world behind it, cut into parts that take equally long."""

from itertools import groupby

from accounts.models import Organization, User
from projects.models import Project
from tests.browser.addresses.admin import of_admin
from tests.browser.addresses.every_page import Visit, visits
from tests.support.world_snapshot import remembered
from tests.world import World, build_world

# Few enough that signing in again costs little, many enough that no process waits long for the last.
PARTS = 6
LONGEST = "W" * 100


@remembered
def plan_visits() -> list[Visit]:
    """Every page, those of Django admin last. Names are as long as they may be."""
    world = build_world()
    plan = [*visits(world), Visit(world.staff, of_admin(world))]
    set_longest_names(world)
    return plan


def set_longest_names(world: World) -> None:
    Organization.objects.update(name=LONGEST)
    Project.objects.filter(is_default=False).update(name=LONGEST)
    User.objects.exclude(pk=world.external.pk).update(name=LONGEST)
    long_address = f"{'w' * 64}@{'w' * 60}.example"
    User.objects.filter(pk=world.owner.pk).update(email=long_address)


def take_part(plan: list[Visit], part: int) -> list[Visit]:
    """Consecutive pages, so that each person needs one window in few parts."""
    pages = [(visit.user, address) for visit in plan for address in visit.addresses]
    first, end = (len(pages) * edge // PARTS for edge in (part, part + 1))
    return [
        Visit(user, [address for _, address in group])
        for user, group in groupby(pages[first:end], key=lambda page: page[0])
    ]
