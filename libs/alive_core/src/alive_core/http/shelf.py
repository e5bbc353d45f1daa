"""The store as one request sees it: the things of its key, and a clear word for what is not there."""

import logging
from collections.abc import Sequence
from typing import Final

import msgspec
from starlette.requests import Request

from alive_core.errors import InvalidRequest, NotFound, PreviousResponseNotFound
from alive_core.http.context import context_of
from alive_core.http.door import caller_of
from alive_core.prepare.items import reference_ids
from alive_core.schemas.common import encode
from alive_core.schemas.items import InputItem, ItemReference, KeptItem
from alive_core.schemas.responses import OutputItem, Response
from alive_core.store.contract import Store, StoredConversation, StoredItem, StoredResponse, owner_of

logger = logging.getLogger(__name__)

_ITEM: Final[msgspec.json.Decoder[KeptItem]] = msgspec.json.Decoder(KeptItem)


class Shelf:
    """What one key has stored. Every id that is missing, or somebody else's, is the same NotFound."""

    def __init__(self, store: Store, owner: str) -> None:
        self._store, self._owner = store, owner

    async def save(self, response: Response, asked: Sequence[KeptItem]) -> None:
        """Keep a response with the items it was asked with."""
        await self._store.save_response(
            self._owner,
            StoredResponse(
                response.id,
                encode(response),
                tuple(map(stored, asked)),
                tuple(map(stored, response.output)),
                response.previous_response_id,
                response.conversation.id if response.conversation else None,
            ),
        )

    async def response(self, response_id: str) -> StoredResponse:
        """A response. Raises NotFound."""
        found = await self._store.response(self._owner, response_id)
        if found is None:
            raise _no_response(response_id)
        return found

    async def delete_response(self, response_id: str) -> None:
        """Forget a response. Raises NotFound."""
        if not await self._store.delete_response(self._owner, response_id):
            raise _no_response(response_id)

    async def history(self, response_id: str) -> list[KeptItem]:
        """Every item of a response and of all it continues, oldest first.

        Raises PreviousResponseNotFound where a link is missing: a prompt is never cut. Raises InvalidRequest where
        the chain begins in a conversation, whose items are not part of it.
        """
        chain = await self._store.chain(self._owner, response_id)
        missing = chain[0].previous if chain else response_id
        if missing is not None:
            raise PreviousResponseNotFound(
                f"The response `{missing}` is not stored, or no longer, so `{response_id}` cannot be continued.",
                param="previous_response_id",
            )
        for link in chain:
            if link.conversation is not None:
                raise InvalidRequest(
                    f"The response `{link.id}` belongs to the conversation `{link.conversation}`. "
                    "Send `conversation` to continue it.",
                    param="previous_response_id",
                )
        return [_ITEM.decode(item.body) for link in chain for item in (*link.input, *link.output)]

    async def resolve(self, items: Sequence[InputItem], *, param: str) -> list[KeptItem]:
        """The items, with each reference replaced by what it refers to. Raises NotFound, which names `param`."""
        wanted = reference_ids(items)
        found = await self._store.find_items(self._owner, wanted) if wanted else {}
        return [
            _ITEM.decode(_found(found, item.id, param).body) if isinstance(item, ItemReference) else item
            for item in items
        ]

    async def save_conversation(self, conversation: StoredConversation, items: Sequence[KeptItem] = ()) -> None:
        """Keep a new conversation, or new metadata."""
        await self._store.save_conversation(self._owner, conversation, tuple(map(stored, items)))

    async def conversation(self, conversation_id: str) -> StoredConversation:
        """A conversation. Raises NotFound."""
        found = await self._store.conversation(self._owner, conversation_id)
        if found is None:
            raise _no_conversation(conversation_id)
        return found

    async def delete_conversation(self, conversation_id: str) -> None:
        """Forget a conversation. Raises NotFound."""
        if not await self._store.delete_conversation(self._owner, conversation_id):
            raise _no_conversation(conversation_id)

    async def items(self, conversation_id: str) -> list[StoredItem]:
        """All items of a conversation, oldest first. Raises NotFound."""
        await self.conversation(conversation_id)
        return await self._store.items(self._owner, conversation_id)

    async def said(self, conversation_id: str) -> list[KeptItem]:
        """The same, to be read."""
        return [_ITEM.decode(item.body) for item in await self.items(conversation_id)]

    async def add_items(self, conversation_id: str, items: Sequence[KeptItem | OutputItem]) -> None:
        """Append items to a conversation. Raises NotFound."""
        if not await self._store.add_items(self._owner, conversation_id, tuple(map(stored, items))):
            raise _no_conversation(conversation_id)

    async def item(self, conversation_id: str, item_id: str) -> StoredItem:
        """One item of a conversation. Raises NotFound."""
        for item in await self.items(conversation_id):
            if item.id == item_id:
                return item
        raise _no_item(item_id)

    async def delete_item(self, conversation_id: str, item_id: str) -> None:
        """Take an item out of a conversation. Raises NotFound."""
        if not await self._store.delete_item(self._owner, conversation_id, item_id):
            raise _no_item(item_id)


def shelf_of(request: Request) -> Shelf:
    """What the request's key has stored. Raises NotFound where the store is off."""
    shelf = shelf_if_on(request)
    if shelf is None:
        raise NotFound("Nothing is stored here: the operator turned the store off (ALIVE_STORE=off).")
    return shelf


def shelf_if_on(request: Request) -> Shelf | None:
    """What the request's key has stored; `None` where the store is off."""
    context = context_of(request)
    if context.store is None:
        return None
    return Shelf(context.store, owner_of(context.service, caller_of(request.scope).identity))


def stored(item: KeptItem | OutputItem) -> StoredItem:
    """An item that has its id, as it is stored."""
    assert item.id is not None
    return StoredItem(item.id, encode(item))


def _found(found: dict[str, StoredItem], item_id: str, param: str) -> StoredItem:
    if item_id not in found:
        raise NotFound(f"There is no stored item `{item_id}`. Items of unstored responses are not kept.", param=param)
    return found[item_id]


def _no_response(response_id: str) -> NotFound:
    return NotFound(f"There is no stored response `{response_id}`.")


def _no_conversation(conversation_id: str) -> NotFound:
    return NotFound(f"There is no conversation `{conversation_id}`.")


def _no_item(item_id: str) -> NotFound:
    return NotFound(f"There is no item `{item_id}` in this conversation.")
