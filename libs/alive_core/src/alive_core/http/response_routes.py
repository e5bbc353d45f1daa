"""Every address under `/v1/responses`."""

from typing import Final

from alive_core.errors import InvalidAnswer, InvalidRequest, NotFound, StoreFailed
from alive_core.http.endpoint import WORK_ERRORS, Endpoint, Origin
from alive_core.http.responses import (
    cancel_response,
    create_response,
    delete_response,
    list_input_items,
    retrieve_response,
)
from alive_core.schemas import response_events as events
from alive_core.schemas.conversations import ItemList, ItemsQuery, RetrieveQuery
from alive_core.schemas.responses import DeletedResponse, Response, ResponseRequest

STORE_ERRORS: Final = (InvalidRequest, NotFound, StoreFailed)
"""What can go wrong wherever something stored is looked for."""

_PARAMETERS: Final = {"response_id": "The `id` of a stored response."}
_ORIGIN: Final = Origin(operation=create_response, values={"response_id": "id"})

RESPONSE_ENDPOINTS: Final = (
    Endpoint(
        path="/v1/responses",
        method="POST",
        handler=create_response,
        group="Responses",
        summary="Answer an input",
        description=(
            "Alone, after an earlier response (`previous_response_id`), or as the next turn of a conversation. It is "
            "stored for 30 days after its last use, unless `store` is `false`. With `stream: true` it comes as "
            "named, numbered server-sent events, of which the last one carries the whole response."
        ),
        task="chat",
        request=ResponseRequest,
        response=Response,
        stream=(
            events.ResponseCreated,
            events.ResponseInProgress,
            events.ItemAdded,
            events.PartAdded,
            events.TextDelta,
            events.TextDone,
            events.AnnotationAdded,
            events.ThinkingDelta,
            events.ThinkingDone,
            events.ArgumentsDelta,
            events.ArgumentsDone,
            events.PartDone,
            events.ItemDone,
            events.ResponseCompleted,
            events.ResponseIncomplete,
            events.ErrorEvent,
            events.ResponseFailed,
        ),
        example={"input": "Say hello in one sentence."},
        errors=(*WORK_ERRORS, InvalidAnswer, NotFound, StoreFailed),
        client="responses.create",
    ),
    Endpoint(
        path="/v1/responses/{response_id}",
        handler=retrieve_response,
        group="Responses",
        summary="Get a stored response",
        response=Response,
        query=RetrieveQuery,
        parameters=_PARAMETERS,
        origin=_ORIGIN,
        errors=STORE_ERRORS,
        client="responses.retrieve",
    ),
    Endpoint(
        path="/v1/responses/{response_id}",
        method="DELETE",
        handler=delete_response,
        group="Responses",
        summary="Forget a stored response",
        description="What it continues stays stored. What continues it can then not be continued any more.",
        response=DeletedResponse,
        parameters=_PARAMETERS,
        origin=_ORIGIN,
        errors=STORE_ERRORS,
        client="responses.delete",
    ),
    Endpoint(
        path="/v1/responses/{response_id}/cancel",
        method="POST",
        handler=cancel_response,
        group="Responses",
        summary="Cancel a background response",
        description="Always refused: this server makes none. To stop a response, close its connection.",
        response=None,
        parameters=_PARAMETERS,
        origin=_ORIGIN,
        errors=STORE_ERRORS,
        client="responses.cancel",
    ),
    Endpoint(
        path="/v1/responses/{response_id}/input_items",
        handler=list_input_items,
        group="Responses",
        summary="List what a response was asked with",
        description="Only its own items, not those of the responses it continues.",
        response=ItemList,
        query=ItemsQuery,
        parameters=_PARAMETERS,
        origin=_ORIGIN,
        errors=STORE_ERRORS,
        client="responses.input_items.list",
    ),
)
