"""Closed sets of the usage app; the numbers are stored."""

from enum import StrEnum

from django.db.models import IntegerChoices, TextChoices


class Reason(IntegerChoices):
    """Why a record landed in the project it is in. The labels are what the API says."""

    PLAYGROUND = 1, "playground"
    KEY_PROJECT = 2, "key_project"
    TOKEN_PROJECT = 3, "token_project"
    PRODUCT_NOT_MULTI_PROJECT = 4, "product_not_multi_project"
    EXTERNAL_HOME = 5, "external_home"
    NO_PROJECT = 6, "no_project"


class RecordKind(IntegerChoices):
    """What a record is: usage, or one that points at usage and changes what that comes to."""

    USAGE = 1, "Usage"
    VOID = 2, "Void"
    ADJUST = 3, "Adjustment"
    MOVED_OUT = 4, "Moved out"
    MOVED_IN = 5, "Moved in"


class ReattributionState(TextChoices):
    """Where a re-attribution stands; what is applying or undoing can be resumed."""

    APPLYING = "applying", "Being applied"
    APPLIED = "applied", "Applied"
    UNDOING = "undoing", "Being undone"
    UNDONE = "undone", "Undone"


class Outcome(StrEnum):
    """What became of a posted record, as the API says it."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REJECTED = "rejected"


class Measure(TextChoices):
    """What a report adds up."""

    COST = "cost", "Cost"
    UNITS = "units", "Units"


class Granularity(TextChoices):
    """How long the windows are that usage is shown in."""

    DAY = "day", "Daily"
    HOUR = "hour", "Hourly"


class Dimension(TextChoices):
    """What a report can be grouped by, and what it can let through or leave out."""

    PRODUCT = "product", "Product"
    LINE_ITEM = "line_item", "Line item"
    PROJECT = "project", "Project"
    API_KEY = "api_key", "API key"
    COLLABORATOR = "collaborator", "Collaborator"
