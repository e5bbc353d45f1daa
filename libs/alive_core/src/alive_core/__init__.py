"""The shared library of ALIVE localcloud: everything an OpenAI-compatible model server needs, except the model.

These names are its public face, beside those of `alive_core.testing` and `alive_core.constants`; a test holds the
list. They are imported when they are first used, so importing the package costs nothing and changes nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alive_core.adapters.events import (
        ChoiceFinished,
        Citation,
        CitedDocument,
        Event,
        Finished,
        FinishReason,
        Labels,
        LabelScore,
        Progress,
        PromptRead,
        ReasoningDelta,
        Scores,
        TextDelta,
        TokenLogprob,
        Tokens,
        ToolCallDelta,
        TopLogprob,
        Usage,
        Vectors,
    )
    from alive_core.adapters.jobs import (
        ChatJob,
        ClassifyJob,
        CompleteJob,
        DetokenizeJob,
        Document,
        EmbedJob,
        Job,
        JsonOutput,
        Message,
        RerankJob,
        Sampling,
        TokenizeJob,
        Tool,
        ToolCall,
    )
    from alive_core.adapters.progress import load_reporter
    from alive_core.adapters.protocols import Adapter
    from alive_core.catalog.install import install_model
    from alive_core.console.run import run
    from alive_core.errors import (
        AliveError,
        Busy,
        ConfigurationError,
        ContextLengthExceeded,
        DeadlineExceeded,
        EngineCrashed,
        Forbidden,
        InvalidRequest,
        LoadFailed,
        ModelUnavailable,
        NotFound,
        OutOfMemory,
        PayloadTooLarge,
        RateLimited,
        Unauthorized,
        UnsupportedParameter,
        UpstreamFailed,
        adapter_errors,
    )
    from alive_core.operations.gpu import find_gpu
    from alive_core.profiles.abilities import Abilities
    from alive_core.profiles.profile import Target
    from alive_core.service import Service
    from alive_core.utils.ids import tool_call_id
    from alive_core.utils.trail import trail_headers

_HOME = {
    "Abilities": "profiles.abilities",
    "Adapter": "adapters.protocols",
    "AliveError": "errors",
    "Busy": "errors",
    "ChatJob": "adapters.jobs",
    "ChoiceFinished": "adapters.events",
    "Citation": "adapters.events",
    "CitedDocument": "adapters.events",
    "ClassifyJob": "adapters.jobs",
    "CompleteJob": "adapters.jobs",
    "ConfigurationError": "errors",
    "ContextLengthExceeded": "errors",
    "DeadlineExceeded": "errors",
    "DetokenizeJob": "adapters.jobs",
    "Document": "adapters.jobs",
    "EmbedJob": "adapters.jobs",
    "EngineCrashed": "errors",
    "Event": "adapters.events",
    "FinishReason": "adapters.events",
    "Finished": "adapters.events",
    "Forbidden": "errors",
    "InvalidRequest": "errors",
    "Job": "adapters.jobs",
    "JsonOutput": "adapters.jobs",
    "LabelScore": "adapters.events",
    "Labels": "adapters.events",
    "LoadFailed": "errors",
    "Message": "adapters.jobs",
    "ModelUnavailable": "errors",
    "NotFound": "errors",
    "OutOfMemory": "errors",
    "PayloadTooLarge": "errors",
    "Progress": "adapters.events",
    "PromptRead": "adapters.events",
    "RateLimited": "errors",
    "ReasoningDelta": "adapters.events",
    "RerankJob": "adapters.jobs",
    "Sampling": "adapters.jobs",
    "Scores": "adapters.events",
    "Service": "service",
    "Target": "profiles.profile",
    "TextDelta": "adapters.events",
    "TokenLogprob": "adapters.events",
    "TokenizeJob": "adapters.jobs",
    "Tokens": "adapters.events",
    "Tool": "adapters.jobs",
    "ToolCall": "adapters.jobs",
    "ToolCallDelta": "adapters.events",
    "TopLogprob": "adapters.events",
    "Unauthorized": "errors",
    "UnsupportedParameter": "errors",
    "UpstreamFailed": "errors",
    "Usage": "adapters.events",
    "Vectors": "adapters.events",
    "adapter_errors": "errors",
    "find_gpu": "operations.gpu",
    "install_model": "catalog.install",
    "load_reporter": "adapters.progress",
    "run": "console.run",
    "tool_call_id": "utils.ids",
    "trail_headers": "utils.trail",
}
"""Each public name and the module that defines it."""

__all__ = [
    "Abilities",
    "Adapter",
    "AliveError",
    "Busy",
    "ChatJob",
    "ChoiceFinished",
    "Citation",
    "CitedDocument",
    "ClassifyJob",
    "CompleteJob",
    "ConfigurationError",
    "ContextLengthExceeded",
    "DeadlineExceeded",
    "DetokenizeJob",
    "Document",
    "EmbedJob",
    "EngineCrashed",
    "Event",
    "FinishReason",
    "Finished",
    "Forbidden",
    "InvalidRequest",
    "Job",
    "JsonOutput",
    "LabelScore",
    "Labels",
    "LoadFailed",
    "Message",
    "ModelUnavailable",
    "NotFound",
    "OutOfMemory",
    "PayloadTooLarge",
    "Progress",
    "PromptRead",
    "RateLimited",
    "ReasoningDelta",
    "RerankJob",
    "Sampling",
    "Scores",
    "Service",
    "Target",
    "TextDelta",
    "TokenLogprob",
    "TokenizeJob",
    "Tokens",
    "Tool",
    "ToolCall",
    "ToolCallDelta",
    "TopLogprob",
    "Unauthorized",
    "UnsupportedParameter",
    "UpstreamFailed",
    "Usage",
    "Vectors",
    "adapter_errors",
    "find_gpu",
    "install_model",
    "load_reporter",
    "run",
    "tool_call_id",
    "trail_headers",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
