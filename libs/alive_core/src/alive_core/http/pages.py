"""Pages of items: which part of a list a client asked for."""

from collections.abc import Sequence

from msgspec import Raw

from alive_core.errors import InvalidRequest
from alive_core.schemas.conversations import ItemList, ItemsQuery
from alive_core.store.contract import StoredItem


def page_of(items: Sequence[StoredItem], query: ItemsQuery) -> ItemList:
    """The page of `items` (oldest first) that begins after `query.after`, in the wanted order.

    Raises InvalidRequest where `after` is none of them.
    """
    ordered = list(items) if query.order == "asc" else list(reversed(items))
    if query.after is not None:
        ordered = ordered[_place_of(query.after, ordered) + 1 :]
    return list_of(ordered[: query.limit], has_more=len(ordered) > query.limit)


def list_of(items: Sequence[StoredItem], *, has_more: bool = False) -> ItemList:
    """These items as one page."""
    return ItemList(
        data=[Raw(item.body) for item in items],
        first_id=items[0].id if items else "",
        last_id=items[-1].id if items else "",
        has_more=has_more,
    )


def _place_of(item_id: str, items: Sequence[StoredItem]) -> int:
    for place, item in enumerate(items):
        if item.id == item_id:
            return place
    raise InvalidRequest(f"There is no item `{item_id}` in this list to go on after.", param="after")
