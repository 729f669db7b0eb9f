"""Usage pages: with many series, by the hour, in units, empty; part of the list in every_page.py."""

import datetime as dt

from django.urls import reverse
from django.utils import timezone

from tests.usage.helpers.factories import used
from tests.world import World, issued

LONG_NAME = "a-key-whose-name-is-as-long-as-it-may-be-and-never-breaks-" + "x" * 41


def usage_pages(world: World) -> list[str]:
    """The project's and the organization's, after some days of usage."""
    today = timezone.now().date()
    for number in range(10):
        name = LONG_NAME if number == 3 else f"key {number}"
        key = issued(world.research, world.owner, name).key
        for back in range(number + 1):
            used(key, today - dt.timedelta(days=back), quantity=400_000 * (number + 1))
        storage = {"product": "volumes", "item": "gb_hours", "project": world.default}
        used(key, today, quantity=number, **storage)
    project = reverse("usage", args=[world.research.slug])
    default = reverse("usage", args=[world.default.slug])
    organization = reverse("cost_analytics", args=[world.organization.slug])
    week = f"start={today - dt.timedelta(days=6)}&end={today}"
    return [
        f"{project}?group_by=api_key&{week}",
        f"{project}?granularity=hour&{week}&group_by=line_item",
        f"{project}?start=2020-01-01&end=2020-01-31",
        f"{project}?product=volumes&exclude_api_key={world.key.public_id}",
        f"{default}?{week}",  # all of it was meant for other projects
        f"{organization}?measure=units&group_by=project&{week}",
        f"{organization}?group_by=collaborator&start={today.year - 1}-01-01",
    ]
