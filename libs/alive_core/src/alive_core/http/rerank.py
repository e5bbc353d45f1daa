"""`POST /v1/rerank`, an extension."""

from starlette.requests import Request

from alive_core.http.answer import Answer
from alive_core.http.context import context_of
from alive_core.http.decode import decode
from alive_core.http.leniency import forgive
from alive_core.prepare.rerank import prepare_rerank
from alive_core.profiles.support import RERANK
from alive_core.schemas.rerank import RerankRequest
from alive_core.shape.rerank import WholeReranking
from alive_core.utils.ids import rerank_id


async def create_rerank(request: Request) -> Answer:
    """Sort documents by how well they answer a query."""
    context = context_of(request)
    body = await decode(request, RerankRequest)
    offer, route = context.find(body.model, "rerank")
    body = forgive(request, body, offer, route, rules=RERANK)
    job = prepare_rerank(body, route.abilities, job_id=rerank_id())
    head = context.head(job.id, offer, route)
    form = WholeReranking(head, job, top_n=body.top_n, return_documents=bool(body.return_documents))
    return context.answer(offer, route, job, form, options=body.alive)
