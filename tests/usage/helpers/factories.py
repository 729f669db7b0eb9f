"""Usage of the world on days of choice, by way of the same writing that all usage takes."""

import datetime as dt
from itertools import count

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from keys.models import ApiKey
from projects.models import Project
from usage.amounts import compute_cost
from usage.enums import Reason
from usage.ids import KeyId, LineItemId, OrganizationId, ProjectId, SourceId, UserId
from usage.ingest.rating import ensure_models
from usage.ledger.drafts import Draft
from usage.ledger.series import SharedFields
from usage.ledger.writer import write_records
from usage.models import LineItem, UsageSource

numbers = count(1)
NOON = dt.time(12)
# In 10⁻¹² USD: a token costs $0.00000088, the rest a dollar.
PRICES = {"token": 880_000}


def used(
    by: ApiKey | User,
    day: dt.date,
    *,
    quantity: int = 1_000_000,
    product: str = "serverless-inference",
    item: str = "output_tokens",
    model: str = "llama-3.3-70b",
    project: Project | None = None,
    meant: Project | None = None,
    at: dt.time = NOON,
    event_id: str = "",
    reason: Reason = Reason.KEY_PROJECT,
) -> None:
    """That many whole units, on the project of the key or another one."""
    line_item = LineItem.objects.get(product__code=product, code=item)
    key = by if isinstance(by, ApiKey) else None
    place = project or (key.project if key else None)
    assert place
    meant = meant or (key.project if key else place)
    price, amount = PRICES.get(line_item.unit, 10**12), quantity * 10**6
    shared = SharedFields(
        organization=OrganizationId(place.organization_id),
        project=ProjectId(place.pk),
        intended_organization=OrganizationId(meant.organization_id),
        intended_project=ProjectId(meant.pk),
        line_item=LineItemId(line_item.pk),
        model=ensure_models({model})[model],
        unit_price=price,
        api_key=KeyId(key.pk) if key else None,
        user=UserId(by.pk) if isinstance(by, User) else None,
        reason=reason,
        requests=1 if line_item.counts_requests else 0,
    )
    moment, name = dt.datetime.combine(day, at, dt.UTC), event_id or f"used-{next(numbers)}"
    draft = Draft(shared, name, b"digest of 16 byt", moment, amount, compute_cost(amount, price))
    source, _ = UsageSource.objects.get_or_create(name="tests")
    with transaction.atomic():
        write_records(SourceId(source.pk), [draft], timezone.now())
