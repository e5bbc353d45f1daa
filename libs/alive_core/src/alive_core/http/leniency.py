"""Who asked for leniency, and what was left out because of it: named in the header `x-alive-ignored`.

Three ways to ask: the header `x-alive-lenient: 1`, `alive.lenient` in the body, `lenient = true` in the profile.
"""

from collections.abc import Iterable
from typing import TypeVar
from urllib.parse import quote

from starlette.requests import Request
from starlette.types import Scope

from alive_core.constants import IGNORED_HEADER_MAX_CHARS, IGNORED_PATH_MAX_CHARS
from alive_core.http.assignment import ignored_by_target
from alive_core.http.context import context_of
from alive_core.profiles.support import ParameterRules, without_unsupported
from alive_core.routing.roster import Offer, Route
from alive_core.schemas.chat import ChatRequest
from alive_core.schemas.classify import ClassifyRequest
from alive_core.schemas.completions import CompletionRequest
from alive_core.schemas.embeddings import EmbeddingRequest
from alive_core.schemas.rerank import RerankRequest
from alive_core.schemas.responses import ResponseRequest

Body = TypeVar(
    "Body", ChatRequest, CompletionRequest, EmbeddingRequest, RerankRequest, ClassifyRequest, ResponseRequest
)

LENIENT_HEADER = "x-alive-lenient"
IGNORED_HEADER = "x-alive-ignored"
_MORE = "..."


def is_body_lenient(request: Request, sent: object) -> bool:
    """Whether a body that could not be read as it is may be read without its unknown fields."""
    if not isinstance(sent, dict):
        return False
    options = sent.get("alive")
    asks = isinstance(options, dict) and options.get("lenient") is True
    profiles = (offer.profile for offer in context_of(request).roster)
    return asks or _asks_in_header(request) or any(p.lenient for p in profiles if p.name == sent.get("model"))


def is_lenient(request: Request, body: Body, offer: Offer) -> bool:
    """Whether leniency was asked for, in any of the three ways."""
    asks = body.alive is not None and body.alive.lenient
    return asks or offer.profile.lenient or _asks_in_header(request)


def forgive(
    request: Request, body: Body, offer: Offer, route: Route, *, rules: ParameterRules
) -> tuple[Body, list[str]]:
    """Where leniency was asked for: `body` without the fields that `route` cannot honour, and their names.

    Else `body` itself.
    """
    if not is_lenient(request, body, offer):
        return body, []
    return without_unsupported(body, rules, route.abilities)


def note_ignored(request: Request, paths: Iterable[str]) -> None:
    """Remember what was left out while the body was read, whatever target answers, for the answer's header."""
    request.scope["state"].setdefault("ignored", []).extend(paths)


def ignored_header(scope: Scope) -> str | None:
    """The value of `x-alive-ignored`; None where nothing was left out."""
    paths = [*scope["state"].get("ignored", ()), *ignored_by_target(scope)]
    return format_paths(paths) if paths else None


def format_paths(paths: Iterable[str]) -> str:
    """Paths with commas between them, as many as a header may hold; `...` stands for the rest.

    What a client called its field is percent-encoded where a header or a list could break on it.
    """
    text = ""
    for path in paths:
        longer = f"{text},{_quoted(path)}" if text else _quoted(path)
        if len(longer) > IGNORED_HEADER_MAX_CHARS - len(_MORE) - 1:
            return f"{text},{_MORE}"
        text = longer
    return text


def _quoted(path: str) -> str:
    quoted = quote(path, safe="[]", errors="replace")
    return quoted if len(quoted) <= IGNORED_PATH_MAX_CHARS else f"{quoted[:IGNORED_PATH_MAX_CHARS]}{_MORE}"


def _asks_in_header(request: Request) -> bool:
    return request.headers.get(LENIENT_HEADER, "").strip().lower() in {"1", "true"}
