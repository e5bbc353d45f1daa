"""`/v1/responses`: create, retrieve, delete, input items, cancel."""

import logging
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response as HttpResponse

from alive_core.adapters.events import Finished
from alive_core.errors import AliveError, InvalidRequest, NotFound, UnsupportedParameter
from alive_core.http.answer import Answer
from alive_core.http.assignment import Assignment
from alive_core.http.context import context_of
from alive_core.http.decode import decode_items
from alive_core.http.framing import NamedFraming, framing_of
from alive_core.http.leniency import forgive, is_lenient
from alive_core.http.pages import page_of
from alive_core.http.query import decode_query
from alive_core.http.shelf import Shelf, shelf_if_on, shelf_of
from alive_core.prepare.items import keepable, reference_ids, refuse_twins, sent_items
from alive_core.prepare.responses import prepare_response, refuse_include, without_details
from alive_core.profiles.support import RESPONSES
from alive_core.routing.roster import Offer, Route
from alive_core.schemas.common import encode
from alive_core.schemas.conversations import ItemsQuery, RetrieveQuery
from alive_core.schemas.items import InputItem, ItemReference, KeptItem
from alive_core.schemas.responses import DeletedResponse, ResponseRequest
from alive_core.shape.responses import ResponseChunks, WholeResponse, opening_response
from alive_core.shape.validation import Proof, proved
from alive_core.utils.ids import response_id

logger = logging.getLogger(__name__)


async def create_response(request: Request) -> Answer:
    """Answer an input, alone or as the next turn of what the server remembers."""
    context = context_of(request)
    body = await decode_items(request, ResponseRequest)
    offer = context.find(body.model, "chat")
    answer_id = response_id()
    shelf = shelf_if_on(request)
    if shelf is None:
        _refuse_memory(body)
    history = await _history(shelf, body)
    new = [keepable(item) for item in await _resolved(shelf, sent_items(body.input))]
    refuse_twins(history, new, param="input")
    is_stored = shelf is not None and body.store is not False

    def prepare(route: Route) -> Assignment:
        kept, ignored = _forgiven(request, body, offer, route)
        job = prepare_response(kept, history, new, offer.profile, route.abilities, job_id=answer_id)
        proof = Proof(job, answer_param="text.format", tools_param="tools")
        head = context.head(answer_id, offer, route)
        chunks = ResponseChunks(opening_response(head, kept, job.sampling, is_stored=is_stored))
        return Assignment(
            job,
            proved(chunks if body.stream else WholeResponse(chunks), proof),
            framing=framing_of(NamedFraming(chunks), kept.stream_options),
            before_end=Keeping(shelf, chunks, new) if shelf is not None else None,
            ignored=ignored,
        )

    return context.answer(offer, prepare, options=body.alive)


async def retrieve_response(request: Request) -> HttpResponse:
    """A stored response. Raises NotFound."""
    query = decode_query(request, RetrieveQuery)
    for name in ("stream", "starting_after", "include_obfuscation"):
        if getattr(query, name) not in (None, False):
            raise UnsupportedParameter(f"`{name}` is not supported: a stored response is given whole.", param=name)
    refuse_include(query.include)
    found = await shelf_of(request).response(request.path_params["response_id"])
    return HttpResponse(found.body, media_type="application/json")


async def delete_response(request: Request) -> HttpResponse:
    """Forget a stored response. Raises NotFound."""
    wanted = request.path_params["response_id"]
    await shelf_of(request).delete_response(wanted)
    return HttpResponse(encode(DeletedResponse(id=wanted)), media_type="application/json")


async def cancel_response(request: Request) -> HttpResponse:
    """Always refused, for only background responses can be cancelled, and there are none. Raises NotFound before."""
    wanted = request.path_params["response_id"]
    await shelf_of(request).response(wanted)
    raise InvalidRequest(
        f"The response `{wanted}` cannot be cancelled: only responses made with `background: true` can, and this "
        "server makes none. To stop one that is being written, close its connection."
    )


async def list_input_items(request: Request) -> HttpResponse:
    """The items that a response was asked with, without those of responses it continues. Raises NotFound."""
    query = decode_query(request, ItemsQuery)
    refuse_include(query.include)
    found = await shelf_of(request).response(request.path_params["response_id"])
    return HttpResponse(encode(page_of(found.input, query)), media_type="application/json")


class Keeping:
    """Stores a response when it is complete, before the client hears so. Whatever fails is logged, never raised."""

    def __init__(self, shelf: Shelf, chunks: ResponseChunks, asked: Sequence[KeptItem]) -> None:
        self._shelf, self._chunks, self._asked = shelf, chunks, asked

    async def __call__(self, finished: Finished) -> None:
        """Complete the response, store it where that was asked for, and continue its conversation."""
        response = self._chunks.complete(finished)
        if response.store:
            try:
                await self._shelf.save(response, self._asked)
            except AliveError as error:
                logger.error("the response %s could not be stored: %s", response.id, error)
                self._chunks.not_stored()
        if response.conversation:
            try:
                await self._shelf.add_items(response.conversation.id, [*self._asked, *response.output])
            except AliveError as error:
                logger.error("the conversation of the response %s could not be continued: %s", response.id, error)


def _forgiven(
    request: Request, body: ResponseRequest, offer: Offer, route: Route
) -> tuple[ResponseRequest, list[str]]:
    """Where leniency was asked for: `body` without what `route` cannot honour, inside its fields too, and its places.

    Else `body` itself.
    """
    if not is_lenient(request, body, offer):
        return body, []
    kept, fields = forgive(request, body, offer, route, rules=RESPONSES)
    kept, places = without_details(kept, route.abilities)
    return kept, [*fields, *places]


def _refuse_memory(body: ResponseRequest) -> None:
    """Raise where a request relies on a store that is off."""
    for name in ("store", "previous_response_id", "conversation"):
        if getattr(body, name) not in (None, False):
            raise UnsupportedParameter(
                f"`{name}` needs the store, which the operator turned off (ALIVE_STORE=off). "
                "Leave it out, and send the whole conversation as `input`.",
                param=name,
            )
    references = reference_ids(sent_items(body.input))
    if references:
        raise NotFound(f"There is no stored item `{references[0]}`: the store is off.", param="input")


async def _history(shelf: Shelf | None, body: ResponseRequest) -> list[KeptItem]:
    """What the request continues. Raises where it is not there."""
    if shelf is not None and body.previous_response_id is not None:
        return await shelf.history(body.previous_response_id)
    if shelf is not None and body.conversation_id is not None:
        return await shelf.said(body.conversation_id)
    return []


async def _resolved(shelf: Shelf | None, items: Sequence[InputItem]) -> list[KeptItem]:
    """The items without references; where the store is off, there are none."""
    if shelf is not None:
        return await shelf.resolve(items, param="input")
    return [item for item in items if not isinstance(item, ItemReference)]
