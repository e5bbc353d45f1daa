"""Stops the work on an answer when the client that asked for it has gone."""

import asyncio
from collections.abc import Coroutine

from starlette.types import Receive


async def until_left(respond: Coroutine[None, None, None], receive: Receive) -> None:
    """Run `respond`, and cancel it at once when the client leaves. The request's body must have been read."""
    work = asyncio.ensure_future(respond)
    left = asyncio.ensure_future(_client_left(receive))
    try:
        await asyncio.wait((work, left), return_when=asyncio.FIRST_COMPLETED)
    finally:
        work.cancel()
        left.cancel()
        await asyncio.wait((work, left))
    if not work.cancelled():
        work.result()


async def _client_left(receive: Receive) -> None:
    """Return when the client has gone. The body is already read, so nothing else can come."""
    while (await receive())["type"] != "http.disconnect":
        pass
