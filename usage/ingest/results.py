"""The results of posted records: where they are billed, or why they were rejected."""

import msgspec

from usage.enums import Outcome
from usage.ingest.events import Rejection
from usage.ledger.drafts import Draft
from usage.ledger.lookup import BilledProject, ExistingRecord
from usage.ledger.series import SharedFields


class IngestResult(msgspec.Struct, frozen=True, gc=False):
    """The result of one record: where it is billed, or why it was rejected.

    `stored` is the record that a conflict is about, `added` what was written for an accepted one, and
    `is_default_priced` whether that names a model without a price of its own.
    """

    id: str | None
    outcome: Outcome
    billed: BilledProject | SharedFields | None = None
    rejection: Rejection | None = None
    stored: ExistingRecord | None = None
    added: Draft | None = None
    is_default_priced: bool = False
