"""The official client reads costs: page by page, to the last digit of the page and of its file."""

import csv
import datetime as dt
import io
from decimal import Decimal

import openai
import pytest
from django.urls import reverse
from django.utils import timezone

from tests.support.pages import signed_in
from tests.usage.helpers.factories import used
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = timezone.now().date()
FIRST = TODAY - dt.timedelta(days=9)
START = int(dt.datetime.combine(FIRST, dt.time(), dt.UTC).timestamp())


def test_costs_are_those_of_the_page(world: World, client: openai.OpenAI) -> None:
    for number in range(10):
        day = FIRST + dt.timedelta(days=number)
        used(world.key, day, quantity=1_000_003 + number, at=dt.time(0))
        used(world.external, day, quantity=number + 1, project=world.research, at=dt.time(0))
    costs = client.admin.organization.usage.costs
    total, page = Decimal(), None
    days = 0
    while True:
        read = costs(
            start_time=START,
            limit=4,
            group_by=["project_id", "user_id", "line_item"],
            project_ids=[world.research.public_id],
            **({"page": page} if page else {}),
        )
        for bucket in read.data:
            days += 1
            for result in bucket.results:
                assert result.object == "organization.costs.result"
                assert result.project_id == world.research.public_id
                assert result.line_item == "serverless-inference, llama-3.3-70b, output_tokens"
                assert result.amount
                total += Decimal(result.amount.to_dict()["decimal"])  # type: ignore[arg-type]
        page = read.next_page
        if not read.has_more:
            break
    answer = signed_in(world.owner).get(
        reverse("cost_analytics", args=[world.organization.slug]),
        {"format": "csv", "start": str(FIRST), "end": str(TODAY)},
    )
    lines = csv.DictReader(io.StringIO(b"".join(answer).decode()))  # type: ignore[call-overload]
    assert total == sum(Decimal(line["cost (USD)"]) for line in lines) > 0
    assert days == 10


def test_a_refusal_says_what_is_wrong(client: openai.OpenAI) -> None:
    with pytest.raises(openai.UnprocessableEntityError) as refused:
        client.admin.organization.usage.costs(start_time=START, limit=181)
    assert refused.value.param == "limit"
