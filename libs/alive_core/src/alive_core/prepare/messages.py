"""Chat messages as clients send them, in the one form that engines read."""

from alive_core.adapters.jobs import Document, Message, ToolCall
from alive_core.errors import UnsupportedParameter
from alive_core.schemas import chat, messages

Part = messages.UserPart | messages.AssistantPart


def prepare_messages(sent: list[messages.Message]) -> tuple[Message, ...]:
    """Join content parts and unify roles. Raises UnsupportedParameter for what is not text, with its place."""
    return tuple(_message(message, f"messages[{index}]") for index, message in enumerate(sent))


def _message(message: messages.Message, where: str) -> Message:
    match message:
        case messages.DeveloperMessage() | messages.SystemMessage():
            return Message("system", _text(message.content, where), name=message.name)
        case messages.UserMessage():
            return Message("user", _text(message.content, where), name=message.name)
        case messages.ToolMessage():
            return Message("tool", _text(message.content, where), tool_call_id=message.tool_call_id)
        case messages.AssistantMessage():
            return _assistant(message, where)
        case _:  # messages.FunctionMessage
            raise UnsupportedParameter(
                "The role `function` is deprecated. Send `tool` instead.", param=f"{where}.role"
            )


def _assistant(message: messages.AssistantMessage, where: str) -> Message:
    for field, instead in (("function_call", "Send `tool_calls` instead."), ("audio", "Send text instead.")):
        if getattr(message, field) is not None:
            raise UnsupportedParameter(
                f"`{field}` in a message is not supported. {instead}", param=f"{where}.{field}"
            )
    return Message(
        "assistant",
        _text(message.content or message.refusal or "", where),
        name=message.name,
        tool_calls=tuple(_call(call, f"{where}.tool_calls[{i}]") for i, call in enumerate(message.tool_calls or ())),
    )


def _call(call: messages.FunctionToolCall | messages.CustomToolCall, where: str) -> ToolCall:
    if isinstance(call, messages.CustomToolCall):
        raise UnsupportedParameter("Custom tools are not supported. Use function tools.", param=where)
    return ToolCall(call.id, call.function.name, call.function.arguments)


def _text(
    content: str | list[messages.TextPart] | list[messages.UserPart] | list[messages.AssistantPart], where: str
) -> str:
    if isinstance(content, str):
        return content
    return "".join(_part(part, f"{where}.content[{index}]") for index, part in enumerate(content))


def _part(part: Part, where: str) -> str:
    match part:
        case messages.TextPart():
            return part.text
        case messages.RefusalPart():
            return part.refusal
        case _:
            kind = str(part.__struct_config__.tag)
            raise UnsupportedParameter(f"Content of type `{kind}` is not supported by this model.", param=where)


def prepare_documents(sent: list[str | chat.Document] | None) -> tuple[Document, ...]:
    """Sources with an id each; without one, the place in the list is the id."""
    return tuple(_document(document, str(index)) for index, document in enumerate(sent or ()))


def _document(document: str | chat.Document, place: str) -> Document:
    if isinstance(document, str):
        return Document(place, document)
    return Document(document.id or place, document.text, title=document.title)
