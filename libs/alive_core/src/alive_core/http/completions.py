"""`POST /v1/completions`."""

from starlette.requests import Request

from alive_core.http.answer import Answer
from alive_core.http.assignment import Assignment
from alive_core.http.context import context_of
from alive_core.http.decode import decode
from alive_core.http.framing import DataFraming, framing_of
from alive_core.http.leniency import forgive
from alive_core.http.usage import wants_usage
from alive_core.prepare.completions import chooses_best, prepare_completion
from alive_core.profiles.support import COMPLETE
from alive_core.routing.roster import Route
from alive_core.schemas.completions import CompletionRequest
from alive_core.shape.completions import BestCompletion, CompletionChunks, WholeCompletion
from alive_core.utils.ids import completion_id


async def create_completion(request: Request) -> Answer:
    """Continue raw text."""
    context = context_of(request)
    body = await decode(request, CompletionRequest)
    include_usage = wants_usage(body)
    offer = context.find(body.model, "complete")
    answer_id = completion_id()

    def prepare(route: Route) -> Assignment:
        kept, ignored = forgive(request, body, offer, route, rules=COMPLETE)
        job = prepare_completion(kept, offer.profile, route.abilities, job_id=answer_id)
        head = context.head(answer_id, offer, route)
        if body.stream:
            chunks = CompletionChunks(head, include_usage=include_usage)
            framing = framing_of(DataFraming(chunks.meter), kept.stream_options)
            return Assignment(job, chunks, framing=framing, ignored=ignored)
        if chooses_best(kept):
            best = BestCompletion(
                head,
                prompts=len(job.prompts),
                best_of=job.sampling.n,
                n=kept.n or 1,
                shows_logprobs=kept.logprobs is not None,
            )
            return Assignment(job, best, ignored=ignored)
        choices = len(job.prompts) * job.sampling.n
        return Assignment(job, WholeCompletion(head, choices=choices), ignored=ignored)

    return context.answer(offer, prepare, options=body.alive)
