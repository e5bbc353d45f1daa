"""`POST /v1/classify`, an extension."""

from starlette.requests import Request

from alive_core.http.answer import Answer
from alive_core.http.assignment import Assignment
from alive_core.http.context import context_of
from alive_core.http.decode import decode
from alive_core.http.leniency import forgive
from alive_core.prepare.classify import prepare_classify
from alive_core.profiles.support import CLASSIFY
from alive_core.routing.roster import Route
from alive_core.schemas.classify import ClassifyRequest
from alive_core.shape.classify import WholeClassification
from alive_core.utils.ids import classification_id


async def create_classification(request: Request) -> Answer:
    """Tell which labels fit a text."""
    context = context_of(request)
    body = await decode(request, ClassifyRequest)
    offer = context.find(body.model, "classify")
    answer_id = classification_id()

    def prepare(route: Route) -> Assignment:
        kept, ignored = forgive(request, body, offer, route, rules=CLASSIFY)
        job = prepare_classify(kept, route.abilities, job_id=answer_id)
        return Assignment(job, WholeClassification(context.head(answer_id, offer, route)), ignored=ignored)

    return context.answer(offer, prepare, options=body.alive)
