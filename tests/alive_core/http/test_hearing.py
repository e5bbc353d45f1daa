"""A connection outlives an answer that came before the request was whole."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.types import Message, Receive, Scope, Send

from alive_core.http import hearing
from alive_core.testing.server import Served

WITHIN_S = 5.0
BODY = b'{"model": "chat"}'


class Connection:
    """One kept-alive connection, written by hand."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer

    def send_head(self, start: str, length: int, *more: str) -> None:
        lines = [f"{start} HTTP/1.1", "Host: here", f"Content-Length: {length}", *more]
        self.writer.write("\r\n".join([*lines, "", ""]).encode())

    async def read_answer(self) -> tuple[int, str]:
        """Status and headers of the next answer; its body is read too."""
        async with asyncio.timeout(WITHIN_S):
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(head.split("content-length: ")[1].split("\r\n")[0])
            await self._reader.readexactly(length)
        return int(head.split()[1]), head

    async def read_end(self) -> bytes:
        async with asyncio.timeout(WITHIN_S):
            return await self._reader.read()


@pytest.fixture
async def connection(server: Served) -> AsyncIterator[Connection]:
    port = int(server.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    yield Connection(reader, writer)
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize(("start", "status"), [("POST /nothing", 404), ("POST /v1/models", 405)])
async def test_a_body_that_comes_late_is_heard_out_and_the_connection_goes_on(
    connection: Connection, start: str, status: int
) -> None:
    for _ in range(2):
        connection.send_head(start, len(BODY))
        await connection.writer.drain()
        for _ in range(20):
            await asyncio.sleep(0)  # the server, in this loop too, has found the mistake by now
        connection.writer.write(BODY)
        found, head = await connection.read_answer()
        assert found == status
        assert "connection: close" not in head


async def test_a_body_that_does_not_come_is_not_waited_for(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "BODY_DISCARD_TIMEOUT_S", 0.05)
    connection.send_head("POST /nothing", 5)
    status, head = await connection.read_answer()
    assert status == 404
    assert "connection: close" in head
    assert await connection.read_end() == b""


async def test_a_body_that_is_too_long_is_not_read_to_its_end(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "BODY_DISCARD_LIMIT_BYTES", 4)
    connection.send_head("POST /nothing", 1000)
    connection.writer.write(b"x" * 10)
    status, head = await connection.read_answer()
    assert status == 404
    assert "connection: close" in head


async def test_answers_without_a_mistake_say_nothing_of_closing(connection: Connection) -> None:
    connection.send_head("GET /v1/models", 0)
    status, head = await connection.read_answer()
    assert status == 200
    assert "connection: close" not in head


@pytest.mark.parametrize(
    ("version", "headers", "waits"),
    [
        ("1.1", [], False),
        ("1.1", [(b"content-length", b"3")], True),
        ("1.1", [(b"transfer-encoding", b"chunked")], True),
        ("2", [], True),
    ],
)
async def test_a_body_is_waited_for_only_where_one_can_come(
    version: str, headers: list[tuple[bytes, bytes]], *, waits: bool
) -> None:
    has_asked = False

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})

    async def receive() -> Message:
        nonlocal has_asked
        has_asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        assert message["type"] == "http.response.start"

    await hearing.HearOut(app)({"type": "http", "http_version": version, "headers": headers}, receive, send)
    assert has_asked == waits
