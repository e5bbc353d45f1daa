"""`GET /openapi.json` and `GET /docs`: made when first asked for, once for each server."""

import re
from collections.abc import Sequence
from functools import cached_property
from html import escape
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from alive_core.http.context import Context
from alive_core.http.docs_page import content_security_policy, render
from alive_core.http.endpoint import Endpoint
from alive_core.http.openapi import Functionality, openapi
from alive_core.http.samples import ADDRESS_MARK
from alive_core.routing.roster import Offer
from alive_core.schemas.common import encode

_HOST: Final = re.compile(r"[A-Za-z0-9._:\[\]-]{1,255}")  # what a `Host` header may be to appear in the examples


class Documentation:
    """The document and the page of one server."""

    def __init__(self, endpoints: Sequence[Endpoint], context: Context) -> None:
        self._endpoints, self._context = endpoints, context

    @cached_property
    def document(self) -> bytes:
        """The OpenAPI document as JSON."""
        context = self._context
        return encode(
            openapi(
                self._endpoints,
                [functionality_of(offer) for offer in context.roster],
                service=context.service,
                version=context.version,
                needs_key=context.callers.is_key_needed,
            )
        )

    @cached_property
    def page(self) -> str:
        """The page, with a mark wherever the server's address belongs."""
        return render(self.document)


def functionality_of(offer: Offer) -> Functionality:
    """What clients may know of a profile, and every task that what serves it can do."""
    can = {task for route in offer.routes[:1] for task in route.abilities.tasks}
    tasks = tuple(sorted({offer.profile.task, *can}))
    return Functionality(offer.profile.name, offer.profile.description, tasks, offer.is_available)


async def get_openapi(request: Request) -> Response:
    """The document."""
    return Response(documentation_of(request).document, media_type="application/json")


async def show_docs(request: Request) -> Response:
    """The page, with examples that work at the address that the reader used."""
    page = documentation_of(request).page.replace(ADDRESS_MARK, escape(address_of(request)))
    return Response(page, media_type="text/html", headers={"content-security-policy": content_security_policy()})


def address_of(request: Request) -> str:
    """Where the client reached this server, such as `http://127.0.0.1:11435`."""
    host = request.headers.get("host", "")
    return f"{request.url.scheme}://{host if _HOST.fullmatch(host) else 'localhost'}"


def documentation_of(request: Request) -> Documentation:
    """The documentation of the server that `request` came to."""
    documentation = request.app.state.documentation
    assert isinstance(documentation, Documentation)
    return documentation
