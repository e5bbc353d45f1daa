"""`/v1/conversations`: a conversation that the server remembers, and its items. Also the lists that hold items."""

from typing import Annotated, Literal, get_args

from msgspec import Meta, Raw, field

from alive_core.constants import ITEMS_PER_PAGE, ITEMS_PER_PAGE_LIMIT, ITEMS_PER_REQUEST_LIMIT
from alive_core.schemas.chat import Metadata
from alive_core.schemas.common import RequestStruct, ResponseStruct
from alive_core.schemas.items import InputItem, KeptItem
from alive_core.schemas.responses import Includable


class CreateConversation(RequestStruct, frozen=True, kw_only=True):
    """Body of `POST /v1/conversations`."""

    items: Annotated[list[InputItem], Meta(max_length=ITEMS_PER_REQUEST_LIMIT)] | None = None
    metadata: Metadata | None = None


class UpdateConversation(RequestStruct, frozen=True, kw_only=True):
    """Body of `POST /v1/conversations/{id}`: the new metadata; `null` takes all of it away."""

    metadata: Metadata | None


class CreateItems(RequestStruct, frozen=True, kw_only=True):
    """Body of `POST /v1/conversations/{id}/items`."""

    items: Annotated[list[InputItem], Meta(min_length=1, max_length=ITEMS_PER_REQUEST_LIMIT)]


class ItemsQuery(RequestStruct, frozen=True, kw_only=True):
    """Query of every list of items. The newest come first, unless `order` says otherwise."""

    after: str | None = None
    include: list[Includable] | None = None
    limit: Annotated[int, Meta(ge=1, le=ITEMS_PER_PAGE_LIMIT)] = ITEMS_PER_PAGE
    order: Literal["asc", "desc"] = "desc"


class IncludeQuery(RequestStruct, frozen=True, kw_only=True):
    """Query of what answers with items: what to include in them."""

    include: list[Includable] | None = None


class RetrieveQuery(RequestStruct, frozen=True, kw_only=True):
    """Query of `GET /v1/responses/{id}`."""

    include: list[Includable] | None = None
    include_obfuscation: bool | None = None
    starting_after: int | None = None
    stream: bool | None = None


class Conversation(ResponseStruct, frozen=True, kw_only=True):
    """A conversation. `created_at` is in Unix seconds."""

    id: str
    object: Literal["conversation"] = "conversation"
    created_at: int
    metadata: dict[str, str] = field(default_factory=dict)


class DeletedConversation(ResponseStruct, frozen=True, kw_only=True):
    """A conversation that is gone now."""

    id: str
    object: Literal["conversation.deleted"] = "conversation.deleted"
    deleted: bool = True


_ANY_ITEM = {"anyOf": [{"$ref": f"#/components/schemas/{kind.__name__}"} for kind in get_args(KeptItem)]}


class ItemList(ResponseStruct, frozen=True, kw_only=True):
    """A page of items, as they were stored. Both ids are empty where the page is."""

    object: Literal["list"] = "list"
    data: Annotated[list[Raw], Meta(extra_json_schema={"items": _ANY_ITEM})]
    first_id: str
    last_id: str
    has_more: bool
