"""Kinds of tools and items that OpenAI knows and this server does not run: known by name, refused by name.

They have no Structs. `decode_with_items` tells a client which one it sent, and fills in the `type` that the API
allows messages and references to leave out.
"""

from typing import Final, TypeVar

import msgspec

from alive_core.errors import InvalidRequest, UnsupportedParameter
from alive_core.schemas.decoding import DECODE_FAILURES, decode, refusal

AnyStruct = TypeVar("AnyStruct", bound=msgspec.Struct)

FOREIGN_TOOLS: Final = frozenset(
    {
        "apply_patch",
        "code_interpreter",
        "computer",
        "computer_use_preview",
        "custom",
        "file_search",
        "image_generation",
        "local_shell",
        "mcp",
        "namespace",
        "programmatic_tool_calling",
        "shell",
        "tool_search",
        "web_search",
        "web_search_2025_08_26",
        "web_search_preview",
        "web_search_preview_2025_03_11",
    }
)
FOREIGN_CHOICES: Final = frozenset(
    {
        "apply_patch",
        "code_interpreter",
        "computer",
        "computer_use",
        "computer_use_preview",
        "custom",
        "file_search",
        "image_generation",
        "mcp",
        "programmatic_tool_calling",
        "shell",
        "web_search_preview",
        "web_search_preview_2025_03_11",
    }
)
FOREIGN_ITEMS: Final = frozenset(
    {
        "additional_tools",
        "apply_patch_call",
        "apply_patch_call_output",
        "code_interpreter_call",
        "compaction",
        "compaction_trigger",
        "computer_call",
        "computer_call_output",
        "configuration_update",
        "custom_tool_call",
        "custom_tool_call_output",
        "file_search_call",
        "image_generation_call",
        "local_shell_call",
        "local_shell_call_output",
        "mcp_approval_request",
        "mcp_approval_response",
        "mcp_call",
        "mcp_list_tools",
        "program",
        "program_output",
        "shell_call",
        "shell_call_output",
        "tool_search_call",
        "tool_search_output",
        "web_search_call",
    }
)

_ITEM_FIELDS: Final = ("input", "items")


def decode_with_items(body: bytes, kind: type[AnyStruct]) -> AnyStruct:
    """A body as a Struct whose items may lack their `type`.

    Raises UnsupportedParameter for a kind that only OpenAI runs, UnknownParameter for a field too many,
    InvalidRequest with `param` for everything else.
    """
    try:
        return decode(body, kind)
    except InvalidRequest as error:
        if not isinstance(error.__cause__, msgspec.ValidationError):
            raise
    try:
        sent: object = msgspec.json.decode(body)
        _refuse_foreign(sent)
        return msgspec.convert(with_types(sent), kind)
    except DECODE_FAILURES as error:
        raise refusal(error) from error


def with_types(sent: object) -> object:
    """Plain JSON with the `type` of every item: what has a role is a message, what has only an id a reference."""
    if not isinstance(sent, dict):
        return sent
    items = {name: [_typed(item) for item in sent[name]] for name in _ITEM_FIELDS if isinstance(sent.get(name), list)}
    return sent | items


def _typed(item: object) -> object:
    if not isinstance(item, dict) or item.get("type") is not None:
        return item
    if "role" in item:
        return item | {"type": "message"}
    return item | {"type": "item_reference"} if item.keys() <= {"id", "type"} else item


def _refuse_foreign(sent: object) -> None:
    if not isinstance(sent, dict):
        return
    for place, tool in _numbered("tools", sent.get("tools")):
        _refuse_kind(tool, FOREIGN_TOOLS, place, "Tools of type `{}` are not supported. Use function tools.")
    _refuse_kind(
        sent.get("tool_choice"), FOREIGN_CHOICES, "tool_choice", "`{}` is not supported. Choose function tools."
    )
    for name in _ITEM_FIELDS:
        for place, item in _numbered(name, sent.get(name)):
            _refuse_kind(item, FOREIGN_ITEMS, place, "Items of type `{}` are not supported.")


def _refuse_kind(value: object, foreign: frozenset[str], place: str, sentence: str) -> None:
    kind = value.get("type") if isinstance(value, dict) else None
    if isinstance(kind, str) and kind in foreign:
        raise UnsupportedParameter(sentence.format(kind), param=place)


def _numbered(name: str, values: object) -> list[tuple[str, object]]:
    """Each value with its place, `tools[0]`; none where there is no list."""
    return [(f"{name}[{index}]", value) for index, value in enumerate(values)] if isinstance(values, list) else []
