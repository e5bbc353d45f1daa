"""`POST /v1/chat/completions`."""

from starlette.requests import Request

from alive_core.http.answer import Answer
from alive_core.http.assignment import Assignment
from alive_core.http.context import context_of
from alive_core.http.decode import decode
from alive_core.http.framing import DataFraming, framing_of
from alive_core.http.leniency import forgive
from alive_core.http.usage import wants_usage
from alive_core.prepare.chat import prepare_chat
from alive_core.profiles.support import CHAT
from alive_core.routing.roster import Route
from alive_core.schemas.chat import ChatRequest
from alive_core.shape.chat import ChatChunks, WholeChat
from alive_core.shape.validation import Proof, proved
from alive_core.utils.ids import chat_completion_id


async def create_chat_completion(request: Request) -> Answer:
    """Continue a conversation."""
    context = context_of(request)
    body = await decode(request, ChatRequest)
    include_usage = wants_usage(body)
    offer = context.find(body.model, "chat")
    answer_id = chat_completion_id()

    def prepare(route: Route) -> Assignment:
        kept, ignored = forgive(request, body, offer, route, rules=CHAT)
        job = prepare_chat(kept, offer.profile, route.abilities, job_id=answer_id)
        head = context.head(answer_id, offer, route)
        proof = Proof(job, answer_param="response_format", tools_param="tools")
        if not body.stream:
            return Assignment(job, proved(WholeChat(head, n=job.sampling.n), proof), ignored=ignored)
        chunks = ChatChunks(head, include_usage=include_usage)
        framing = framing_of(DataFraming(chunks.meter), kept.stream_options)
        return Assignment(job, proved(chunks, proof), framing=framing, ignored=ignored)

    return context.answer(offer, prepare, options=body.alive)
