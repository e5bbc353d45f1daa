"""`POST /v1/completions`."""

from starlette.requests import Request

from alive_core.http.answer import Answer
from alive_core.http.context import context_of
from alive_core.http.decode import decode
from alive_core.http.framing import DataFraming, framing_of
from alive_core.http.leniency import forgive
from alive_core.http.usage import wants_usage
from alive_core.prepare.completions import prepare_completion
from alive_core.profiles.support import COMPLETE
from alive_core.schemas.completions import CompletionRequest
from alive_core.shape.completions import CompletionChunks, WholeCompletion
from alive_core.utils.ids import completion_id


async def create_completion(request: Request) -> Answer:
    """Continue raw text."""
    context = context_of(request)
    body = await decode(request, CompletionRequest)
    include_usage = wants_usage(body)
    offer, route = context.find(body.model, "complete")
    body = forgive(request, body, offer, route, rules=COMPLETE)
    job = prepare_completion(body, offer.profile, route.abilities, job_id=completion_id())
    head = context.head(job.id, offer, route)
    if body.stream:
        chunks = CompletionChunks(head, include_usage=include_usage)
        framing = framing_of(DataFraming(chunks.meter), body.stream_options)
        return context.answer(offer, route, job, chunks, options=body.alive, framing=framing)
    choices = len(job.prompts) * job.sampling.n
    return context.answer(offer, route, job, WholeCompletion(head, choices=choices), options=body.alive)
