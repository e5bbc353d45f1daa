"""`POST /v1/rerank`, an extension."""

from starlette.requests import Request

from alive_core.http.answer import Answer
from alive_core.http.assignment import Assignment
from alive_core.http.context import context_of
from alive_core.http.decode import decode
from alive_core.http.leniency import forgive
from alive_core.prepare.rerank import prepare_rerank
from alive_core.profiles.support import RERANK
from alive_core.routing.roster import Route
from alive_core.schemas.rerank import RerankRequest
from alive_core.shape.rerank import WholeReranking
from alive_core.utils.ids import rerank_id


async def create_rerank(request: Request) -> Answer:
    """Sort documents by how well they answer a query."""
    context = context_of(request)
    body = await decode(request, RerankRequest)
    offer = context.find(body.model, "rerank")
    answer_id = rerank_id()

    def prepare(route: Route) -> Assignment:
        kept, ignored = forgive(request, body, offer, route, rules=RERANK)
        job = prepare_rerank(kept, route.abilities, job_id=answer_id)
        head = context.head(answer_id, offer, route)
        form = WholeReranking(head, job, top_n=body.top_n, return_documents=bool(body.return_documents))
        return Assignment(job, form, ignored=ignored)

    return context.answer(offer, prepare, options=body.alive)
