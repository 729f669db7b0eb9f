"""Closed sets of the usage app. Their values are stored."""

from enum import StrEnum

from django.db.models import IntegerChoices, TextChoices


class Reason(IntegerChoices):
    """Why a record is billed to its project. The labels are the values in the API."""

    PLAYGROUND = 1, "playground"
    KEY_PROJECT = 2, "key_project"
    TOKEN_PROJECT = 3, "token_project"
    PRODUCT_NOT_MULTI_PROJECT = 4, "product_not_multi_project"
    EXTERNAL_HOME = 5, "external_home"
    NO_PROJECT = 6, "no_project"


class RecordKind(IntegerChoices):
    """Usage, or a change to an earlier usage record that the record points at."""

    USAGE = 1, "Usage"
    VOID = 2, "Void"
    ADJUST = 3, "Adjustment"
    MOVED_OUT = 4, "Moved out"
    MOVED_IN = 5, "Moved in"


class ReattributionState(TextChoices):
    """The state of a reattribution. Those that are applying or undoing can be resumed."""

    APPLYING = "applying", "Being applied"
    APPLIED = "applied", "Applied"
    UNDOING = "undoing", "Being undone"
    UNDONE = "undone", "Undone"


class Outcome(StrEnum):
    """The result of posting a record, as in the API."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REJECTED = "rejected"


class Measure(TextChoices):
    """What a report adds up."""

    COST = "cost", "Cost"
    UNITS = "units", "Units"


class Granularity(TextChoices):
    """The length of the windows in which usage is reported."""

    DAY = "day", "Daily"
    HOUR = "hour", "Hourly"


class Dimension(TextChoices):
    """What reports can be grouped and filtered by."""

    PRODUCT = "product", "Product"
    LINE_ITEM = "line_item", "Line item"
    PROJECT = "project", "Project"
    API_KEY = "api_key", "API key"
    COLLABORATOR = "collaborator", "Collaborator"
