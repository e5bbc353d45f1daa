"""`POST /tokenize` and `POST /detokenize`, extensions."""

from starlette.requests import Request

from alive_core.adapters.jobs import DetokenizeJob, TokenizeJob
from alive_core.http.answer import Answer
from alive_core.http.assignment import Assignment
from alive_core.http.context import context_of
from alive_core.http.decode import decode
from alive_core.routing.roster import Route
from alive_core.schemas.tokens import DetokenizeRequest, TokenizeRequest
from alive_core.shape.tokens import WholeText, WholeTokens
from alive_core.utils.ids import tokens_id


async def tokenize(request: Request) -> Answer:
    """Cut a text into the model's tokens."""
    context = context_of(request)
    body = await decode(request, TokenizeRequest)
    offer = context.find(body.model, "tokenize")
    job = TokenizeJob(tokens_id(), body.prompt)

    def prepare(route: Route) -> Assignment:
        return Assignment(job, WholeTokens(route.abilities.context))

    return context.answer(offer, prepare, options=body.alive)


async def detokenize(request: Request) -> Answer:
    """Put tokens together to a text again."""
    context = context_of(request)
    body = await decode(request, DetokenizeRequest)
    offer = context.find(body.model, "detokenize")
    job = DetokenizeJob(tokens_id(), tuple(body.tokens))
    return context.answer(offer, lambda _: Assignment(job, WholeText()), options=body.alive)
