"""`/v1/conversations` and their items."""

import time
from collections.abc import Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from alive_core.http.decode import decode, decode_items
from alive_core.http.pages import list_of, page_of
from alive_core.http.query import decode_query
from alive_core.http.shelf import Shelf, shelf_of, stored
from alive_core.prepare.items import keepable, refuse_twins
from alive_core.prepare.responses import refuse_include
from alive_core.schemas.common import ResponseStruct, encode
from alive_core.schemas.conversations import (
    Conversation,
    CreateConversation,
    CreateItems,
    DeletedConversation,
    IncludeQuery,
    ItemsQuery,
    UpdateConversation,
)
from alive_core.schemas.items import InputItem, KeptItem
from alive_core.store.contract import StoredConversation
from alive_core.utils.ids import conversation_id


async def create_conversation(request: Request) -> Response:
    """Begin a conversation, with its first items where some are given."""
    body = await decode_items(request, CreateConversation)
    shelf = shelf_of(request)
    items = await _new_items(shelf, (), body.items or ())
    conversation = StoredConversation(conversation_id(), int(time.time()), body.metadata or {})
    await shelf.save_conversation(conversation, items)
    return _json(_shown(conversation))


async def retrieve_conversation(request: Request) -> Response:
    """A conversation without its items. Raises NotFound."""
    return _json(_shown(await shelf_of(request).conversation(_conversation(request))))


async def update_conversation(request: Request) -> Response:
    """Replace a conversation's metadata. Raises NotFound."""
    body = await decode(request, UpdateConversation)
    shelf = shelf_of(request)
    found = await shelf.conversation(_conversation(request))
    changed = msgspec.structs.replace(found, metadata=body.metadata or {})
    await shelf.save_conversation(changed)
    return _json(_shown(changed))


async def delete_conversation(request: Request) -> Response:
    """Forget a conversation and its items. Raises NotFound."""
    await shelf_of(request).delete_conversation(_conversation(request))
    return _json(DeletedConversation(id=_conversation(request)))


async def create_items(request: Request) -> Response:
    """Append items, and give them back as they are kept. Raises NotFound."""
    refuse_include(decode_query(request, IncludeQuery).include)
    body = await decode_items(request, CreateItems)
    shelf = shelf_of(request)
    items = await _new_items(shelf, await shelf.said(_conversation(request)), body.items)
    await shelf.add_items(_conversation(request), items)
    return _json(list_of([stored(item) for item in items]))


async def list_items(request: Request) -> Response:
    """A page of a conversation's items. Raises NotFound."""
    query = decode_query(request, ItemsQuery)
    refuse_include(query.include)
    return _json(page_of(await shelf_of(request).items(_conversation(request)), query))


async def retrieve_item(request: Request) -> Response:
    """One item. Raises NotFound."""
    refuse_include(decode_query(request, IncludeQuery).include)
    item = await shelf_of(request).item(_conversation(request), request.path_params["item_id"])
    return Response(item.body, media_type="application/json")


async def delete_item(request: Request) -> Response:
    """Take an item out, and give back the conversation. Raises NotFound."""
    shelf = shelf_of(request)
    conversation = await shelf.conversation(_conversation(request))
    await shelf.delete_item(conversation.id, request.path_params["item_id"])
    return _json(_shown(conversation))


async def _new_items(shelf: Shelf, there: Sequence[KeptItem], sent: Sequence[InputItem]) -> list[KeptItem]:
    """Items to be kept, none of which is there already."""
    items = [keepable(item) for item in await shelf.resolve(sent, param="items")]
    refuse_twins(there, items, param="items")
    return items


def _conversation(request: Request) -> str:
    return str(request.path_params["conversation_id"])


def _shown(conversation: StoredConversation) -> Conversation:
    return Conversation(id=conversation.id, created_at=conversation.created, metadata=conversation.metadata)


def _json(body: ResponseStruct) -> Response:
    return Response(encode(body), media_type="application/json")
