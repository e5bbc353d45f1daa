"""The contract with a store: what it keeps, and what can be asked of it. Bodies are JSON as it is sent.

An owner is a service and a caller (`owner_of`); nobody sees what another owner stored. What was not used for
STORE_RETENTION_S is gone, and so is the oldest where the store is full; both look like a missing id.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec


class StoredItem(msgspec.Struct, frozen=True):
    """One item: its id, and its JSON."""

    id: str
    body: bytes


class StoredResponse(msgspec.Struct, frozen=True):
    """One response: its JSON, the items it was asked with, the items it answered with, and what it continues."""

    id: str
    body: bytes
    input: tuple[StoredItem, ...] = ()
    output: tuple[StoredItem, ...] = ()
    previous: str | None = None
    conversation: str | None = None


class StoredConversation(msgspec.Struct, frozen=True):
    """One conversation without its items. `created` is in Unix seconds."""

    id: str
    created: int
    metadata: dict[str, str] = {}


class Store(Protocol):
    """Keeps responses and conversations. Methods are called from the event loop and never block it.

    All raise StoreFailed where the store cannot be read or written. A write is there whole, or not at all.
    """

    async def save_response(self, owner: str, response: StoredResponse) -> None:
        """Keep a response, and use everything it continues, so that a chain expires as one."""
        ...

    async def response(self, owner: str, response_id: str) -> StoredResponse | None:
        """A response; `None` where it is not there."""
        ...

    async def delete_response(self, owner: str, response_id: str) -> bool:
        """Forget a response, not what it continues. Whether it was there."""
        ...

    async def chain(self, owner: str, response_id: str) -> list[StoredResponse]:
        """A response and everything it continues, oldest first. It ends early where a link is missing."""
        ...

    async def save_conversation(
        self, owner: str, conversation: StoredConversation, items: Sequence[StoredItem] = ()
    ) -> None:
        """Keep a conversation: a new one with its first items, or new metadata of one that is there."""
        ...

    async def conversation(self, owner: str, conversation_id: str) -> StoredConversation | None:
        """A conversation; `None` where it is not there."""
        ...

    async def delete_conversation(self, owner: str, conversation_id: str) -> bool:
        """Forget a conversation and its items. Whether it was there."""
        ...

    async def add_items(self, owner: str, conversation_id: str, items: Sequence[StoredItem]) -> bool:
        """Append items to a conversation. Whether it was there; where not, nothing is kept."""
        ...

    async def items(self, owner: str, conversation_id: str) -> list[StoredItem]:
        """All items of a conversation, oldest first; none where it is not there."""
        ...

    async def delete_item(self, owner: str, conversation_id: str, item_id: str) -> bool:
        """Take an item out of a conversation. Whether it was there."""
        ...

    async def find_items(self, owner: str, item_ids: Sequence[str]) -> dict[str, StoredItem]:
        """Items of any response or conversation by their ids; those that are not there are left out."""
        ...

    async def clear(self) -> int:
        """Forget everything of every owner. How many responses and conversations that were."""
        ...

    async def close(self) -> None:
        """Finish what is being written. Nothing may be asked afterwards. May be called twice."""
        ...


def owner_of(service: str, identity: str) -> str:
    """Whose things a request may see: the service it came to, and the identity of its caller, which is a hash."""
    return f"{service}:{identity}"
