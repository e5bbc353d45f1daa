"""From a job to what a chat template reads. Pure."""

import json
from typing import Final

import msgspec

from alive_core import ChatJob
from alive_core.dialects import template_document, template_message, template_tool

Body = dict[str, object]

# The engine's templates know messages and tools only. The documents travel with the first message, as data, and
# the template hears of them by its usual name; a text of the request never becomes part of a template.
DOCUMENTS_KEY: Final = "documents"
DOCUMENTS_HEAD: Final = "{%- set documents = messages[0]." + DOCUMENTS_KEY + " -%}{%- set enable_citations = true -%}"


class Conversation(msgspec.Struct, frozen=True):
    """What a template is given, as JSON, and what stands before it."""

    messages: str
    tools: str | None
    head: str = ""


def template_body(job: ChatJob) -> Body:
    """The messages, and the tools where they may be called."""
    messages = [template_message(message, arguments=_object) for message in job.messages]
    if job.documents:
        messages[0][DOCUMENTS_KEY] = [template_document(document) for document in job.documents]
    body: Body = {"messages": messages}
    if job.tools and job.tool_choice != "none":
        body["tools"] = [template_tool(tool) for tool in job.tools]
    return body


def conversation(body: Body, *, has_documents: bool) -> Conversation:
    """`body` as the engine takes it."""
    tools = body.get("tools")
    return Conversation(
        messages=json.dumps(body["messages"], ensure_ascii=False),
        tools=None if tools is None else json.dumps(tools, ensure_ascii=False),
        head=DOCUMENTS_HEAD if has_documents else "",
    )


def _object(arguments: str) -> object:
    """Templates write arguments as JSON themselves; what is no JSON stays text."""
    try:
        return json.loads(arguments)
    except (ValueError, RecursionError):
        return arguments
