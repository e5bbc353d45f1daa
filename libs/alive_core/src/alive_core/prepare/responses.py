"""From a response request and what it continues to a job. After this nobody sees the envelope."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from alive_core.adapters.jobs import ChatJob, JsonOutput, Message, Sampling, Tool
from alive_core.adapters.jobs import ToolChoice as Choice
from alive_core.errors import InvalidRequest, UnsupportedParameter
from alive_core.prepare.items import prepare_items
from alive_core.prepare.sampling import first_of, refuse_overlong
from alive_core.prepare.tools import only_named, refuse_twins
from alive_core.profiles.abilities import Abilities
from alive_core.profiles.profile import Defaults, Profile
from alive_core.profiles.support import RESPONSES, refuse_unsupported
from alive_core.schemas.items import KeptItem
from alive_core.schemas.responses import (
    Format,
    Includable,
    JsonObject,
    ReasoningOptions,
    ResponseRequest,
    ResponseTool,
    ResponseToolChoice,
    SchemaFormat,
    TextOptions,
    ToolChoice,
)

LOGPROBS: Final = "message.output_text.logprobs"
ENCRYPTED: Final = "reasoning.encrypted_content"

_STEP: Final = re.compile(r"\w+")


def prepare_response(
    body: ResponseRequest,
    history: Sequence[KeptItem],
    new: Sequence[KeptItem],
    profile: Profile,
    abilities: Abilities,
    *,
    job_id: str,
) -> ChatJob:
    """Apply defaults, limits and the support table. `history` is what the request continues, `new` its own items.

    Raises InvalidRequest for contradictions, UnsupportedParameter for what cannot be honoured.
    """
    refuse_unsupported(body, RESPONSES, abilities)
    for place in _unsupported_details(body, abilities):
        raise UnsupportedParameter(f"`{place}` is not supported by this model. Leave it out.", param=place)
    if body.stream_options is not None and not body.stream:
        raise InvalidRequest("`stream_options` needs `stream: true`.", param="stream_options")
    messages = prepare_items(history, new)
    if not messages:
        raise InvalidRequest("There is nothing to answer: `input` has no message.", param="input")
    if body.instructions:
        messages.insert(0, Message("system", body.instructions))
    sampling = _sampling(body, profile.defaults)
    refuse_overlong(sampling, abilities, param="max_output_tokens")
    tools, tool_choice = _prepare_tools(body.tools, body.tool_choice)
    return ChatJob(
        id=job_id,
        messages=tuple(messages),
        sampling=sampling,
        tools=tools,
        tool_choice=tool_choice,
        parallel_tool_calls=body.parallel_tool_calls is not False,
        json_output=_json_output(body.text.format if body.text else None),
        cache_key=body.prompt_cache_key,
    )


def without_details(body: ResponseRequest, abilities: Abilities) -> tuple[ResponseRequest, list[str]]:
    """`body` as if what stands inside its fields and cannot be honoured had not been sent, and its places."""
    places = list(_unsupported_details(body, abilities))
    if not places:
        return body, []
    sent: dict[str, object] = msgspec.to_builtins(body)
    for place in reversed(places):  # of a list the last first, so that the others stay where they are
        _drop(sent, place)
    return msgspec.convert(sent, ResponseRequest), places


def _drop(sent: dict[str, object], place: str) -> None:
    """Take what stands at `tools[0].async` out of plain JSON."""
    *path, last = [int(step) if step.isdigit() else step for step in _STEP.findall(place)]
    holder: object = sent
    for step in path:
        holder = holder[step]  # type: ignore[index]  # the places come from this very body
    del holder[last]  # type: ignore[attr-defined]  # likewise


def refuse_include(include: Sequence[Includable] | None) -> None:
    """Raise UnsupportedParameter for the one thing that cannot be included: thinking is told in the clear here.

    The outputs of tools that only OpenAI runs are included in all items of theirs, for there are none.
    """
    for index, wanted in enumerate(include or ()):
        if wanted == ENCRYPTED:
            raise UnsupportedParameter(f"`{wanted}` is not supported. Leave it out.", param=f"include[{index}]")


def _unsupported_details(body: ResponseRequest, abilities: Abilities) -> Iterator[str]:
    """The place of everything inside an accepted field that goes beyond its default and cannot be honoured.

    Places of one list come in its order.
    """
    for index, wanted in enumerate(body.include or ()):
        if wanted == ENCRYPTED or (wanted == LOGPROBS and "logprobs" not in abilities.parameters):
            yield f"include[{index}]"
    if body.text is not None:
        yield from _unsupported_text(body.text, abilities)
    if body.reasoning is not None:
        yield from _unsupported_reasoning(body.reasoning, abilities)
    for index, tool in enumerate(body.tools or ()):
        yield from _unsupported_tool(tool, f"tools[{index}]")


def _unsupported_text(text: TextOptions, abilities: Abilities) -> Iterator[str]:
    can_shape = abilities.json_schema or "response_format" in abilities.parameters
    if isinstance(text.format, SchemaFormat | JsonObject) and not can_shape:
        yield "text.format"
    if text.verbosity not in (None, "medium") and "verbosity" not in abilities.parameters:
        yield "text.verbosity"


def _unsupported_reasoning(reasoning: ReasoningOptions, abilities: Abilities) -> Iterator[str]:
    if reasoning.effort is not None and "reasoning_effort" not in abilities.parameters:
        yield "reasoning.effort"
    if reasoning.context not in (None, "auto"):
        yield "reasoning.context"
    if reasoning.mode not in (None, "standard"):
        yield "reasoning.mode"
    if reasoning.summary is not None:
        yield "reasoning.summary"
    if reasoning.generate_summary is not None:
        yield "reasoning.generate_summary"


def _unsupported_tool(tool: ResponseTool, where: str) -> Iterator[str]:
    if tool.is_async:
        yield f"{where}.async"
    if tool.defer_loading:
        yield f"{where}.defer_loading"
    if "programmatic" in (tool.allowed_callers or ()):
        yield f"{where}.allowed_callers"
    if tool.output_schema is not None:
        yield f"{where}.output_schema"


def _prepare_tools(sent: list[ResponseTool] | None, choice: ToolChoice | None) -> tuple[tuple[Tool, ...], Choice]:
    """The tools the model may call, and whether it must. Naming one leaves only that one, and it is required."""
    offered = tuple(_tool(tool) for tool in sent or ())
    refuse_twins(offered, field="name")
    match choice:
        case None:
            return offered, "auto"
        case "required" if not offered:
            raise InvalidRequest("`tool_choice` is `required`, but no tools are offered.", param="tool_choice")
        case "none" | "auto" | "required":
            return offered, choice
        case ResponseToolChoice():
            return only_named(offered, [choice.name]), "required"
        case _:  # AllowedResponseTools
            return only_named(offered, [tool.name for tool in choice.tools]), choice.mode


def _tool(tool: ResponseTool) -> Tool:
    return Tool(tool.name, tool.description, tool.parameters or {}, strict=bool(tool.strict))


def _sampling(body: ResponseRequest, defaults: Defaults) -> Sampling:
    wants_logprobs = bool(body.top_logprobs) or LOGPROBS in (body.include or ())
    return Sampling(
        max_tokens=first_of(body.max_output_tokens, defaults.max_tokens),
        temperature=first_of(body.temperature, defaults.temperature),
        top_p=first_of(body.top_p, defaults.top_p),
        top_logprobs=(body.top_logprobs or 0) if wants_logprobs else None,
        asked_tokens=body.max_output_tokens,
    )


def _json_output(wanted: Format | None) -> JsonOutput | None:
    match wanted:
        case SchemaFormat():
            return JsonOutput(wanted.schema, wanted.name)
        case JsonObject():
            return JsonOutput()
        case _:
            return None
