"""A conversation in the form that chat templates read: OpenAI's messages and tools, and documents beside them."""

from collections.abc import Callable

from alive_core.adapters.jobs import Document, Message, Tool, ToolCall

Fields = dict[str, object]


def template_message(message: Message, *, arguments: Callable[[str], object]) -> Fields:
    """One turn. `arguments` makes of a call's JSON text what the engine's templates want there."""
    fields: Fields = {"role": message.role, "content": message.content}
    if message.name is not None:
        fields["name"] = message.name
    if message.tool_call_id is not None:
        fields["tool_call_id"] = message.tool_call_id
    if message.tool_calls:
        fields["tool_calls"] = [_call(call, arguments(call.arguments)) for call in message.tool_calls]
    return fields


def _call(call: ToolCall, arguments: object) -> Fields:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}}


def template_tool(tool: Tool) -> Fields:
    """A function that may be called."""
    function = {"name": tool.name, "description": tool.description or "", "parameters": tool.parameters}
    return {"type": "function", "function": function}


def template_document(document: Document) -> Fields:
    """A source. Models cite its place in the list, so its id is left out."""
    return {"text": document.text} if document.title is None else {"title": document.title, "text": document.text}
