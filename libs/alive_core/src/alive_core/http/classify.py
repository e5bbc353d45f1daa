"""`POST /v1/classify`, an extension."""

from starlette.requests import Request

from alive_core.http.answer import Answer
from alive_core.http.context import context_of
from alive_core.http.decode import decode
from alive_core.http.leniency import forgive
from alive_core.prepare.classify import prepare_classify
from alive_core.profiles.support import CLASSIFY
from alive_core.schemas.classify import ClassifyRequest
from alive_core.shape.classify import WholeClassification
from alive_core.utils.ids import classification_id


async def create_classification(request: Request) -> Answer:
    """Tell which labels fit a text."""
    context = context_of(request)
    body = await decode(request, ClassifyRequest)
    offer, route = context.find(body.model, "classify")
    body = forgive(request, body, offer, route, rules=CLASSIFY)
    job = prepare_classify(body, route.abilities, job_id=classification_id())
    return context.answer(
        offer, route, job, WholeClassification(context.head(job.id, offer, route)), options=body.alive
    )
