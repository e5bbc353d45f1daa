"""From a chat request to a job. After this nobody sees the envelope."""

from alive_core.adapters.jobs import ChatJob, JsonOutput
from alive_core.prepare.messages import prepare_documents, prepare_messages
from alive_core.prepare.sampling import chat_sampling, refuse_overlong
from alive_core.prepare.tools import prepare_tools
from alive_core.profiles.abilities import Abilities
from alive_core.profiles.profile import Profile
from alive_core.profiles.support import CHAT, refuse_unsupported
from alive_core.schemas.chat import ChatRequest, JsonObjectFormat, JsonSchemaFormat, ResponseFormat


def prepare_chat(body: ChatRequest, profile: Profile, abilities: Abilities, *, job_id: str) -> ChatJob:
    """Apply defaults, limits and the support table.

    Raises InvalidRequest for contradictions, UnsupportedParameter for what cannot be honoured.
    """
    refuse_unsupported(body, CHAT, abilities)
    sampling = chat_sampling(body, profile.defaults)
    refuse_overlong(sampling, abilities, param="max_tokens" if body.max_tokens else "max_completion_tokens")
    tools, tool_choice = prepare_tools(body.tools, body.tool_choice)
    return ChatJob(
        id=job_id,
        messages=prepare_messages(body.messages),
        sampling=sampling,
        tools=tools,
        tool_choice=tool_choice,
        parallel_tool_calls=body.parallel_tool_calls is not False,
        json_output=_json_output(body.response_format),
        documents=prepare_documents(body.documents),
        cache_key=body.prompt_cache_key,
    )


def _json_output(wanted: ResponseFormat | None) -> JsonOutput | None:
    match wanted:
        case JsonSchemaFormat():
            return JsonOutput(wanted.json_schema.schema, wanted.json_schema.name)
        case JsonObjectFormat():
            return JsonOutput()
        case _:
            return None
