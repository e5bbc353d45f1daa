"""Items of the Responses API: completed for keeping, and as the messages that engines read."""

from collections.abc import Sequence

import msgspec

from alive_core.adapters.jobs import Message, ToolCall
from alive_core.errors import InvalidRequest, UnsupportedParameter
from alive_core.schemas.items import (
    FunctionCallItem,
    FunctionCallOutputItem,
    InputItem,
    InputPart,
    InputText,
    ItemReference,
    KeptItem,
    MessageItem,
    MessagePart,
    OutputText,
    Refusal,
)
from alive_core.utils.ids import (
    function_call_item_id,
    function_output_item_id,
    message_item_id,
    reasoning_item_id,
)


def sent_items(sent: str | list[InputItem] | None) -> list[InputItem]:
    """Any form of `input` as items; a string is what the user says."""
    if isinstance(sent, str):
        return [MessageItem(role="user", content=sent)]
    return sent or []


def keepable(item: KeptItem) -> KeptItem:
    """`item` as the store keeps it and lists show it: with an id, complete, its content as parts."""
    match item:
        case MessageItem():
            content = [_text_part(item.role, item.content)] if isinstance(item.content, str) else item.content
            return msgspec.structs.replace(
                item, id=item.id or message_item_id(), status=item.status or "completed", content=content
            )
        case FunctionCallItem():
            return msgspec.structs.replace(
                item, id=item.id or function_call_item_id(), status=item.status or "completed"
            )
        case FunctionCallOutputItem():
            return msgspec.structs.replace(
                item, id=item.id or function_output_item_id(), status=item.status or "completed"
            )
        case _:  # ReasoningItem
            return msgspec.structs.replace(item, id=item.id or reasoning_item_id())


def refuse_twins(history: Sequence[KeptItem], new: Sequence[KeptItem], *, param: str) -> None:
    """Raise InvalidRequest where an item of `new` is already there: the model would read it twice."""
    seen = {item.id for item in history}
    for index, item in enumerate(new):
        if item.id in seen:
            raise InvalidRequest(
                f"The item `{item.id}` is already there. Send each item once.", param=f"{param}[{index}].id"
            )
        seen.add(item.id)


def prepare_items(history: Sequence[KeptItem], new: Sequence[KeptItem]) -> list[Message]:
    """History and new items as messages: calls of one turn stand in one message, thinking is left out.

    Raises UnsupportedParameter for what is not text, InvalidRequest for an output that no call asked for.
    """
    messages: list[Message] = []
    asked: set[str] = set()
    places = [(item, "input") for item in history]
    places += [(item, f"input[{index}]") for index, item in enumerate(new)]
    for item, where in places:
        match item:
            case MessageItem():
                messages.append(_message(item, where))
            case FunctionCallItem():
                asked.add(item.call_id)
                _add_call(messages, ToolCall(item.call_id, item.name, item.arguments))
            case FunctionCallOutputItem():
                messages.append(_output(item, asked, where))
            case _:
                pass  # a ReasoningItem: accepted, and not read again
    return messages


def reference_ids(items: Sequence[InputItem]) -> list[str]:
    """The ids of all items that are only referred to."""
    return [item.id for item in items if isinstance(item, ItemReference)]


def _message(item: MessageItem, where: str) -> Message:
    role = "system" if item.role == "developer" else item.role
    return Message(role, _text(item.content, f"{where}.content"))


def _add_call(messages: list[Message], call: ToolCall) -> None:
    """Add a call to the assistant's message before it, or begin one."""
    if messages and messages[-1].role == "assistant":
        last = messages.pop()
        messages.append(msgspec.structs.replace(last, tool_calls=(*last.tool_calls, call)))
    else:
        messages.append(Message("assistant", tool_calls=(call,)))


def _output(item: FunctionCallOutputItem, asked: set[str], where: str) -> Message:
    if item.call_id is None or item.call_id not in asked:
        raise InvalidRequest(
            f"No function call before this item has the call_id `{item.call_id}` that it answers.",
            param=f"{where}.call_id" if where != "input" else where,
        )
    return Message("tool", _text(item.output, f"{where}.output"), tool_call_id=item.call_id)


def _text(content: str | Sequence[MessagePart] | Sequence[InputPart], where: str) -> str:
    if isinstance(content, str):
        return content
    return "".join(_part(part, f"{where}[{index}]") for index, part in enumerate(content))


def _part(part: MessagePart, where: str) -> str:
    match part:
        case InputText() | OutputText():
            return part.text
        case Refusal():
            return part.refusal
        case _:
            kind = str(part.__struct_config__.tag)
            raise UnsupportedParameter(f"Content of type `{kind}` is not supported by this model.", param=where)


def _text_part(role: str, text: str) -> MessagePart:
    return OutputText(text=text) if role == "assistant" else InputText(text=text)
