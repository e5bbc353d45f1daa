"""Every address under `/v1/conversations`."""

from typing import Final, get_args

from alive_core.errors import PayloadTooLarge
from alive_core.http.conversations import (
    create_conversation,
    create_items,
    delete_conversation,
    delete_item,
    list_items,
    retrieve_conversation,
    retrieve_item,
    update_conversation,
)
from alive_core.http.endpoint import Endpoint, Origin
from alive_core.http.response_routes import STORE_ERRORS
from alive_core.schemas.conversations import (
    Conversation,
    CreateConversation,
    CreateItems,
    DeletedConversation,
    IncludeQuery,
    ItemList,
    ItemsQuery,
    UpdateConversation,
)
from alive_core.schemas.items import KeptItem

_CONVERSATION: Final = {"conversation_id": "The `id` of a conversation."}
_ITEM: Final = _CONVERSATION | {"item_id": "The `id` of one of its items."}
_FROM_CONVERSATION: Final = Origin(operation=create_conversation, values={"conversation_id": "id"})
_FROM_ITEMS: Final = Origin(operation=create_items, values={"item_id": "first_id"})
_BODY_ERRORS: Final = (*STORE_ERRORS, PayloadTooLarge)

CONVERSATION_ENDPOINTS: Final = (
    Endpoint(
        path="/v1/conversations",
        method="POST",
        handler=create_conversation,
        is_body_optional=True,
        group="Conversations",
        summary="Begin a conversation that the server remembers",
        description="It is kept for 30 days after its last use. Name it in `conversation` of a response's request.",
        request=CreateConversation,
        example={"items": [{"type": "message", "role": "user", "content": "My name is Ada."}]},
        response=Conversation,
        errors=_BODY_ERRORS,
        client="conversations.create",
    ),
    Endpoint(
        path="/v1/conversations/{conversation_id}",
        handler=retrieve_conversation,
        group="Conversations",
        summary="Get a conversation without its items",
        response=Conversation,
        parameters=_CONVERSATION,
        origin=_FROM_CONVERSATION,
        errors=STORE_ERRORS,
        client="conversations.retrieve",
    ),
    Endpoint(
        path="/v1/conversations/{conversation_id}",
        method="POST",
        handler=update_conversation,
        group="Conversations",
        summary="Replace a conversation's metadata",
        request=UpdateConversation,
        example={"metadata": {"topic": "names"}},
        response=Conversation,
        parameters=_CONVERSATION,
        origin=_FROM_CONVERSATION,
        errors=_BODY_ERRORS,
        client="conversations.update",
    ),
    Endpoint(
        path="/v1/conversations/{conversation_id}",
        method="DELETE",
        handler=delete_conversation,
        group="Conversations",
        summary="Forget a conversation and its items",
        response=DeletedConversation,
        parameters=_CONVERSATION,
        origin=_FROM_CONVERSATION,
        errors=STORE_ERRORS,
        client="conversations.delete",
    ),
    Endpoint(
        path="/v1/conversations/{conversation_id}/items",
        handler=list_items,
        group="Conversations",
        summary="List a conversation's items",
        response=ItemList,
        query=ItemsQuery,
        parameters=_CONVERSATION,
        origin=_FROM_CONVERSATION,
        errors=STORE_ERRORS,
        client="conversations.items.list",
    ),
    Endpoint(
        path="/v1/conversations/{conversation_id}/items",
        method="POST",
        handler=create_items,
        group="Conversations",
        summary="Append items to a conversation",
        description="They are given back as they are kept, with their ids.",
        request=CreateItems,
        example={"items": [{"type": "message", "role": "user", "content": "I live in Lisbon."}]},
        response=ItemList,
        query=IncludeQuery,
        parameters=_CONVERSATION,
        origin=_FROM_CONVERSATION,
        errors=_BODY_ERRORS,
        client="conversations.items.create",
    ),
    Endpoint(
        path="/v1/conversations/{conversation_id}/items/{item_id}",
        handler=retrieve_item,
        group="Conversations",
        summary="Get one item",
        response=get_args(KeptItem),
        query=IncludeQuery,
        parameters=_ITEM,
        origin=_FROM_ITEMS,
        errors=STORE_ERRORS,
        client="conversations.items.retrieve",
    ),
    Endpoint(
        path="/v1/conversations/{conversation_id}/items/{item_id}",
        method="DELETE",
        handler=delete_item,
        group="Conversations",
        summary="Take an item out of a conversation",
        response=Conversation,
        parameters=_ITEM,
        origin=_FROM_ITEMS,
        errors=STORE_ERRORS,
        client="conversations.items.delete",
    ),
)
