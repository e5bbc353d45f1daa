"""`POST /v1/embeddings`."""

from starlette.requests import Request

from alive_core.http.answer import Answer
from alive_core.http.assignment import Assignment
from alive_core.http.context import context_of
from alive_core.http.decode import decode
from alive_core.http.leniency import forgive
from alive_core.prepare.embeddings import prepare_embedding
from alive_core.profiles.support import EMBED
from alive_core.routing.roster import Route
from alive_core.schemas.embeddings import EmbeddingRequest
from alive_core.shape.embeddings import WholeEmbeddings
from alive_core.utils.ids import embedding_id


async def create_embedding(request: Request) -> Answer:
    """Turn texts into vectors."""
    context = context_of(request)
    body = await decode(request, EmbeddingRequest)
    offer = context.find(body.model, "embed")
    answer_id = embedding_id()

    def prepare(route: Route) -> Assignment:
        kept, ignored = forgive(request, body, offer, route, rules=EMBED)
        job = prepare_embedding(kept, route.abilities, job_id=answer_id)
        form = WholeEmbeddings(context.head(answer_id, offer, route), encoding=body.encoding_format or "float")
        return Assignment(job, form, ignored=ignored)

    return context.answer(offer, prepare, options=body.alive)
