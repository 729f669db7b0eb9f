"""Results of the usage API, one kind for each of its paths. Source: OpenAI's Usage API."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from accounts.web.api.payloads import KeyId, Payload, ProjectId
from usage.payloads import CollaboratorId

Requests = Annotated[int, Meta(description="Of the products that are counted here.")]
Model = Annotated[str | None, Meta(examples=["llama-3.3-70b"])]


class UsageResult(Payload, frozen=True, kw_only=True):
    """Usage. What it is not grouped by is null; so are the user and key of usage that has none.

    `path` is the last part of the path, and the first part of the `UsageField`s that are counted here.
    """

    path: ClassVar[str]

    project_id: ProjectId | None = None
    user_id: CollaboratorId | None = None
    api_key_id: KeyId | None = None
    model: Model = None


class CompletionsResult(UsageResult, frozen=True, kw_only=True):
    """Tokens of language models. Input includes cached and audio tokens, output includes audio tokens."""

    path: ClassVar[str] = "completions"

    object: Literal["organization.usage.completions.result"] = (
        "organization.usage.completions.result"
    )
    input_tokens: int
    input_cached_tokens: int
    input_audio_tokens: int
    output_tokens: int
    output_audio_tokens: int
    num_model_requests: Requests


class EmbeddingsResult(UsageResult, frozen=True, kw_only=True):
    """Tokens that were embedded."""

    path: ClassVar[str] = "embeddings"

    object: Literal["organization.usage.embeddings.result"] = "organization.usage.embeddings.result"
    input_tokens: int
    num_model_requests: Requests


class ModerationsResult(UsageResult, frozen=True, kw_only=True):
    """Tokens that were moderated."""

    path: ClassVar[str] = "moderations"

    object: Literal["organization.usage.moderations.result"] = (
        "organization.usage.moderations.result"
    )
    input_tokens: int
    num_model_requests: Requests


class DecisionsResult(UsageResult, frozen=True, kw_only=True):
    """Tokens that decisions were made about."""

    path: ClassVar[str] = "decisions"

    object: Literal["organization.usage.decisions.result"] = "organization.usage.decisions.result"
    input_tokens: int
    output_tokens: int
    num_model_requests: Requests


class ImagesResult(UsageResult, frozen=True, kw_only=True):
    """Images that were made."""

    path: ClassVar[str] = "images"

    object: Literal["organization.usage.images.result"] = "organization.usage.images.result"
    images: int
    num_model_requests: Requests


class SpeechesResult(UsageResult, frozen=True, kw_only=True):
    """Characters that became speech."""

    path: ClassVar[str] = "audio_speeches"

    object: Literal["organization.usage.audio_speeches.result"] = (
        "organization.usage.audio_speeches.result"
    )
    characters: int
    num_model_requests: Requests


class TranscriptionsResult(UsageResult, frozen=True, kw_only=True):
    """Seconds of speech that were transcribed."""

    path: ClassVar[str] = "audio_transcriptions"

    object: Literal["organization.usage.audio_transcriptions.result"] = (
        "organization.usage.audio_transcriptions.result"
    )
    seconds: int
    num_model_requests: Requests


class VectorStoresResult(UsageResult, frozen=True, kw_only=True):
    """Bytes that vector stores held."""

    path: ClassVar[str] = "vector_stores"

    object: Literal["organization.usage.vector_stores.result"] = (
        "organization.usage.vector_stores.result"
    )
    usage_bytes: int


class SessionsResult(UsageResult, frozen=True, kw_only=True):
    """Sessions of the code interpreter."""

    path: ClassVar[str] = "code_interpreter_sessions"

    object: Literal["organization.usage.code_interpreter_sessions.result"] = (
        "organization.usage.code_interpreter_sessions.result"
    )
    num_sessions: int


class FileSearchesResult(UsageResult, frozen=True, kw_only=True):
    """Calls of file search."""

    path: ClassVar[str] = "file_search_calls"

    object: Literal["organization.usage.file_searches.result"] = (
        "organization.usage.file_searches.result"
    )
    num_requests: int


class WebSearchesResult(UsageResult, frozen=True, kw_only=True):
    """Calls of web search."""

    path: ClassVar[str] = "web_search_calls"

    object: Literal["organization.usage.web_searches.result"] = (
        "organization.usage.web_searches.result"
    )
    num_requests: int
    num_model_requests: Requests


RESULTS: tuple[type[UsageResult], ...] = (
    CompletionsResult,
    EmbeddingsResult,
    ModerationsResult,
    DecisionsResult,
    ImagesResult,
    SpeechesResult,
    TranscriptionsResult,
    VectorStoresResult,
    SessionsResult,
    FileSearchesResult,
    WebSearchesResult,
)
