import asyncio
import socket
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from alive_core import server as server_module
from alive_core.server import open_socket, serve_until, url_of


class Hall:
    """An application whose answers end when the test says so; it tells which paths have begun."""

    def __init__(self) -> None:
        self.begun: asyncio.Queue[str] = asyncio.Queue()
        self.may_end: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        """By path."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        if scope["path"] == "/quick":
            await send({"type": "http.response.body", "body": b"quick"})
            return
        await send({"type": "http.response.body", "body": b"begun ", "more_body": True})
        self.begun.put_nowait(scope["path"])
        await self.may_end[scope["path"]].wait()
        await send({"type": "http.response.body", "body": b"ended"})


class House:
    """A hall that is being served, and the two wishes about its end."""

    def __init__(self) -> None:
        self.hall = Hall()
        self.drain, self.force = asyncio.Event(), asyncio.Event()
        self.listener = open_socket("127.0.0.1", 0)
        self.url = url_of(self.listener)
        self.serving = asyncio.ensure_future(serve_until(self.hall, self.listener, self.drain, force=self.force))

    async def has_ended(self) -> None:
        await asyncio.wait_for(self.serving, timeout=10)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    try:
        yield house
    finally:
        house.hall.may_end["/slow"].set()
        house.drain.set()
        house.force.set()
        await house.has_ended()


@asynccontextmanager
async def in_flight(house: House) -> AsyncIterator["asyncio.Task[httpx.Response]"]:
    async with httpx.AsyncClient(base_url=house.url) as http:
        asking = asyncio.ensure_future(http.get("/slow"))
        await house.hall.begun.get()
        yield asking
        await asyncio.wait((asking,))


async def test_an_answer_in_flight_ends_before_the_server_does(house: House) -> None:
    async with in_flight(house) as asking:
        house.drain.set()
        async with httpx.AsyncClient(base_url=house.url) as http:
            await http.get("/quick")  # answered: so the drain is going on
        assert not house.serving.done()
        house.hall.may_end["/slow"].set()
        assert (await asking).text == "begun ended"
    await house.has_ended()


async def test_while_draining_new_connections_are_answered_and_closed(house: House) -> None:
    async with in_flight(house), httpx.AsyncClient(base_url=house.url) as http:
        assert "connection" not in (await http.get("/quick")).headers
        house.drain.set()
        await asyncio.sleep(0)
        answer = await http.get("/quick")
        assert (answer.text, answer.headers["connection"]) == ("quick", "close")
        house.hall.may_end["/slow"].set()


async def test_what_comes_during_the_drain_does_not_prolong_it(house: House) -> None:
    async with in_flight(house) as first, httpx.AsyncClient(base_url=house.url) as http:
        house.drain.set()
        await http.get("/quick")
        late = asyncio.ensure_future(http.get("/late"))
        assert await house.hall.begun.get() == "/late"
        house.hall.may_end["/slow"].set()
        assert (await first).text == "begun ended"
        await house.has_ended()
        with pytest.raises(httpx.RemoteProtocolError):
            await late


async def test_an_idle_connection_does_not_hold_the_end_up(house: House) -> None:
    async with httpx.AsyncClient(base_url=house.url) as http:
        await http.get("/quick")
        house.drain.set()
        await house.has_ended()


async def test_a_half_sent_request_does_not_hold_the_end_up(house: House) -> None:
    with socket.create_connection(house.listener.getsockname()) as slow:
        slow.sendall(b"GET /quick HTTP/1.1\r\nHost: x\r\n")
        house.drain.set()
        await house.has_ended()


async def test_a_second_wish_cuts_answers_off_visibly(house: House) -> None:
    async with in_flight(house) as asking:
        house.drain.set()
        house.force.set()
        await house.has_ended()
        with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
            await asking


async def test_the_drain_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "DRAIN_TIMEOUT_S", 0.05)
    house = House()
    async with in_flight(house) as asking:
        house.drain.set()
        await house.has_ended()
        with pytest.raises(httpx.RemoteProtocolError):
            await asking


async def test_after_the_end_nothing_listens(house: House) -> None:
    house.drain.set()
    await house.has_ended()
    async with httpx.AsyncClient(base_url=house.url) as http:
        with pytest.raises(httpx.ConnectError):
            await http.get("/quick")
