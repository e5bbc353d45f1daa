"""The shared library of ALIVE localcloud: everything an OpenAI-compatible model server needs, except the model.

These names are its public face; a test holds the list. They are imported when they are first used, so importing the
package costs nothing and changes nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alive_core.adapters.events import (
        ChoiceFinished,
        Event,
        Finished,
        Progress,
        ReasoningDelta,
        TextDelta,
        TokenLogprob,
        ToolCallDelta,
        TopLogprob,
        Usage,
        Vectors,
    )
    from alive_core.adapters.jobs import ChatJob, CompleteJob, Document, EmbedJob, JsonOutput, Message, Sampling, Tool
    from alive_core.adapters.protocols import Adapter
    from alive_core.console.run import run
    from alive_core.errors import (
        AliveError,
        ContextLengthExceeded,
        InvalidRequest,
        LoadFailed,
        UnsupportedParameter,
        UpstreamFailed,
        adapter_errors,
    )
    from alive_core.profiles.abilities import Abilities
    from alive_core.profiles.profile import Target
    from alive_core.service import Service

_HOME = {
    "Abilities": "profiles.abilities",
    "Adapter": "adapters.protocols",
    "AliveError": "errors",
    "ChatJob": "adapters.jobs",
    "ChoiceFinished": "adapters.events",
    "CompleteJob": "adapters.jobs",
    "ContextLengthExceeded": "errors",
    "Document": "adapters.jobs",
    "EmbedJob": "adapters.jobs",
    "Event": "adapters.events",
    "Finished": "adapters.events",
    "InvalidRequest": "errors",
    "JsonOutput": "adapters.jobs",
    "LoadFailed": "errors",
    "Message": "adapters.jobs",
    "Progress": "adapters.events",
    "ReasoningDelta": "adapters.events",
    "Sampling": "adapters.jobs",
    "Service": "service",
    "Target": "profiles.profile",
    "TextDelta": "adapters.events",
    "TokenLogprob": "adapters.events",
    "Tool": "adapters.jobs",
    "ToolCallDelta": "adapters.events",
    "TopLogprob": "adapters.events",
    "UnsupportedParameter": "errors",
    "UpstreamFailed": "errors",
    "Usage": "adapters.events",
    "Vectors": "adapters.events",
    "adapter_errors": "errors",
    "run": "console.run",
}
"""Each public name and the module that defines it."""

__all__ = [
    "Abilities",
    "Adapter",
    "AliveError",
    "ChatJob",
    "ChoiceFinished",
    "CompleteJob",
    "ContextLengthExceeded",
    "Document",
    "EmbedJob",
    "Event",
    "Finished",
    "InvalidRequest",
    "JsonOutput",
    "LoadFailed",
    "Message",
    "Progress",
    "ReasoningDelta",
    "Sampling",
    "Service",
    "Target",
    "TextDelta",
    "TokenLogprob",
    "Tool",
    "ToolCallDelta",
    "TopLogprob",
    "UnsupportedParameter",
    "UpstreamFailed",
    "Usage",
    "Vectors",
    "adapter_errors",
    "run",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
