"""The OpenAPI document as the page reads it: only what the page shows, as types."""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType, field


class Schema(Struct, frozen=True):
    """What a value may be; the names are JSON Schema's."""

    ref: str | None = field(default=None, name="$ref")
    type: str | None = None
    description: str = ""
    enum: list[str] = []
    any_of: list["Schema"] = field(default_factory=list, name="anyOf")
    items: "Schema | None" = None
    properties: dict[str, "Schema"] = {}
    additional: "Schema | bool | None" = field(default=None, name="additionalProperties")
    required: list[str] = []
    default: object = UNSET
    minimum: float | None = None
    maximum: float | None = None
    min_length: int | None = field(default=None, name="minLength")
    max_length: int | None = field(default=None, name="maxLength")
    min_items: int | None = field(default=None, name="minItems")
    max_items: int | None = field(default=None, name="maxItems")
    max_properties: int | None = field(default=None, name="maxProperties")

    @property
    def name(self) -> str | None:
        """The Struct that it refers to."""
        return self.ref.rpartition("/")[2] if self.ref else None


class Example(Struct, frozen=True):
    """A whole body that works."""

    value: dict[str, object]
    summary: str = ""


class Content(Struct, frozen=True):
    """A body of one media type."""

    schema: Schema
    examples: dict[str, Example] = {}


class Body(Struct, frozen=True):
    """A request's body."""

    content: dict[str, Content]


class Link(Struct, frozen=True):
    """An operation that can go on with an answer, and where it finds each part of its path: a runtime expression."""

    operation: str = field(name="operationId")
    parameters: dict[str, str]


class Response(Struct, frozen=True):
    """What comes back with one status."""

    description: str
    content: dict[str, Content] = {}
    links: dict[str, Link] = {}


class Parameter(Struct, frozen=True):
    """A part of the path, or a header."""

    name: str
    place: Literal["path", "header", "query"] = field(name="in")
    description: str = ""
    example: str | None = None


class Operation(Struct, frozen=True):
    """One address and method."""

    id: str = field(name="operationId")
    summary: str
    description: str
    tags: list[str]
    responses: dict[str, Response]
    parameters: list[Parameter] = []
    body: Body | None = field(default=None, name="requestBody")
    client: str | None = field(default=None, name="x-python-client")
    security: list[dict[str, list[str]]] | UnsetType = UNSET

    @property
    def answer(self) -> Response | None:
        """What comes back where all went well; `None` where everything is refused."""
        return self.responses.get("200")

    @property
    def smallest_body(self) -> dict[str, object] | None:
        """A whole body that works; `None` where there is none, or no functionality answers."""
        examples = self.body.content["application/json"].examples if self.body else {}
        return next((example.value for example in examples.values()), None)


class Info(Struct, frozen=True):
    """Whose API it is."""

    title: str
    version: str


class Tag(Struct, frozen=True):
    """A group of operations."""

    name: str


class Components(Struct, frozen=True):
    """Types that several operations share."""

    schemas: dict[str, Schema]


class Described(Struct, frozen=True):
    """A functionality."""

    name: str
    description: str
    tasks: list[str]
    is_available: bool


class Document(Struct, frozen=True):
    """The whole document."""

    info: Info
    tags: list[Tag]
    paths: dict[str, dict[str, Operation]]
    components: Components
    functionalities: list[Described] = field(name="x-functionalities")
    security: list[dict[str, list[str]]] = []
