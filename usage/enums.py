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


class BudgetPeriod(TextChoices):
    """How long a budget lasts before it starts again, in UTC. Weeks start on Monday."""

    DAY = "day", "Day"
    WEEK = "week", "Week"
    MONTH = "month", "Month"
    TOTAL = "total", "Total"


class BudgetKind(TextChoices):
    """What happens when a budget is spent. A dry run only records when it would have stopped."""

    ALERT = "alert", "Alert only"
    HARD_STOP = "hard_stop", "Hard stop"
    DRY_RUN = "dry_run", "Dry run"


class BudgetAuthority(TextChoices):
    """Who set a budget, and with that who may change it."""

    SUPPORT = "support", "Support"
    ADMINS = "admins", "Admins"
    KEY_MAKER = "key_maker", "Creator of the API key"


class Threshold(TextChoices):
    """When an alert is sent: at a share of the budget, at an amount, or when a forecast exceeds it."""

    PERCENT = "percent", "Percent"
    AMOUNT = "amount", "Amount"
    FORECAST = "forecast", "Forecast"


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
    """The length of the windows in which usage is billed."""

    DAY = "day", "Daily"
    HOUR = "hour", "Hourly"


class Step(TextChoices):
    """What a bar of a report's chart stands for."""

    HOUR = "hour", "Hourly"
    DAY = "day", "Daily"
    WEEK = "week", "Weekly"
    MONTH = "month", "Monthly"


class Dimension(TextChoices):
    """What reports can be grouped and filtered by."""

    PRODUCT = "product", "Product"
    MODEL = "model", "Model"
    LINE_ITEM = "line_item", "Line item"
    PROJECT = "project", "Project"
    API_KEY = "api_key", "API key"
    COLLABORATOR = "collaborator", "Collaborator"

    @property
    def noun(self) -> str:
        """The label within a sentence."""
        return self.label if self == Dimension.API_KEY else self.label.lower()


class UsageField(TextChoices):
    """Where the usage API counts a line item: the path below /v1/organization/usage/ and the field.

    Source: OpenAI's Usage API.
    """

    COMPLETIONS_INPUT = "completions.input_tokens", "Completions: input tokens"
    COMPLETIONS_CACHED_INPUT = "completions.input_cached_tokens", "Completions: cached input tokens"
    COMPLETIONS_AUDIO_INPUT = "completions.input_audio_tokens", "Completions: audio input tokens"
    COMPLETIONS_OUTPUT = "completions.output_tokens", "Completions: output tokens"
    COMPLETIONS_AUDIO_OUTPUT = "completions.output_audio_tokens", "Completions: audio output tokens"
    EMBEDDINGS_INPUT = "embeddings.input_tokens", "Embeddings: input tokens"
    MODERATIONS_INPUT = "moderations.input_tokens", "Moderations: input tokens"
    IMAGES = "images.images", "Images"
    SPEECHES = "audio_speeches.characters", "Audio speeches: characters"
    TRANSCRIPTIONS = "audio_transcriptions.seconds", "Audio transcriptions: seconds"
    VECTOR_STORES = "vector_stores.usage_bytes", "Vector stores: bytes"
    SESSIONS = "code_interpreter_sessions.num_sessions", "Code interpreter: sessions"
    FILE_SEARCHES = "file_search_calls.num_requests", "File searches: calls"
    WEB_SEARCHES = "web_search_calls.num_requests", "Web searches: calls"
    DECISIONS_INPUT = "decisions.input_tokens", "Decisions: input tokens"
    DECISIONS_OUTPUT = "decisions.output_tokens", "Decisions: output tokens"

    @property
    def path(self) -> str:
        """The last part of the path, such as `completions`."""
        return self.value.partition(".")[0]

    @property
    def field(self) -> str:
        """The field of results there, such as `input_tokens`."""
        return self.value.partition(".")[2]
