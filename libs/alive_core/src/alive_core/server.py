"""Serves an application with hypercorn on uvloop: one socket, a gentle end."""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Callable, Coroutine
from typing import cast

import uvloop
from hypercorn.asyncio import serve as hypercorn_serve
from hypercorn.config import Config
from hypercorn.typing import Framework
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alive_core.constants import BACKLOG, DRAIN_LAST_BYTES_S, DRAIN_TIMEOUT_S, KEEP_ALIVE_CONNECTION_S
from alive_core.errors import ConfigurationError
from alive_core.utils.addresses import http_url

logger = logging.getLogger(__name__)


def open_socket(host: str, port: int) -> socket.socket:
    """A listening socket. Port 0 takes any free one.

    Raises ConfigurationError where the port is taken, or the address is not of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigurationError(
            f"Cannot serve on {host} port {port}: {reason}. "
            "`task ps` shows which servers run; `--port` takes another port."
        ) from None
    listener.listen(BACKLOG)
    return listener


def address_of(listener: socket.socket) -> tuple[str, int]:
    """The host and port that a listening socket really has."""
    host, port = listener.getsockname()[:2]
    return str(host), int(port)


def url_of(listener: socket.socket) -> str:
    """Where clients reach it; a socket on every address is reached on loopback."""
    return http_url(*address_of(listener))


async def serve(app: ASGIApp, listener: socket.socket, *, on_drain: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT, then let answers in flight finish, for a bounded time; closes `listener`.

    `on_drain` is called at the first signal. A second signal ends at once.
    """
    loop = asyncio.get_running_loop()
    drain, force = asyncio.Event(), asyncio.Event()

    def end(number: int) -> None:
        if drain.is_set():
            logger.warning("ending at once, asked twice")
            force.set()
            return
        logger.info("%s: answers in flight finish, nothing new is taken", signal.Signals(number).name)
        on_drain()
        drain.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end, number)
    try:
        await serve_until(app, listener, drain, force=force)
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


async def serve_until(
    app: ASGIApp, listener: socket.socket, drain: asyncio.Event, *, force: asyncio.Event | None = None
) -> None:
    """Serve until `drain` is set and the answers begun before it have ended; closes `listener`.

    1. While answers are in flight, connections are still taken: whoever comes gets the 503 of a draining server.
    2. When they have ended, or DRAIN_TIMEOUT_S is over, or `force` is set, nothing is taken any more.
    3. What is still unfinished then is cut off, visibly: its body has no end.
    """
    flight = Flight(app)
    stop = asyncio.Event()
    config = _config(listener)
    serving = asyncio.ensure_future(hypercorn_serve(cast(Framework, flight), config, shutdown_trigger=stop.wait))
    ending = asyncio.ensure_future(_drained(flight, drain, force or asyncio.Event()))
    try:
        await asyncio.wait((serving, ending), return_when=asyncio.FIRST_COMPLETED)
        if ending.done() and (unfinished := ending.result()):
            logger.warning("%d answers in flight are cut off", unfinished)
            config.graceful_timeout = 0.0
        listener.close()
        stop.set()
        await asyncio.wait((serving,))
        if not serving.cancelled():
            serving.result()
    finally:
        ending.cancel()
        serving.cancel()


async def _drained(flight: "Flight", drain: asyncio.Event, force: asyncio.Event) -> int:
    """Wait for the end of what was begun before `drain`; return how many answers are unfinished all the same."""
    await drain.wait()
    flight.drain()
    waits = [asyncio.ensure_future(one.wait()) for one in (flight.landed, force)]
    try:
        await asyncio.wait(waits, timeout=DRAIN_TIMEOUT_S, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    return flight.count


class Flight:
    """Counts the requests that `app` is answering, and tells when the last one begun before the drain has ended."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._is_draining = False
        self.count = 0
        """Requests begun before the drain whose answers have not ended."""
        self.landed = asyncio.Event()
        """Set when the drain has begun and `count` is 0."""

    def drain(self) -> None:
        """Count nothing new, and let each connection end with its answer."""
        self._is_draining = True
        self._settle()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, counted where it is a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif self._is_draining:
            await self._app(scope, receive, self._closing(send))
        else:
            await self._counted(scope, receive, self._closing(send))

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.count += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self.count -= 1
            self._settle()

    def _settle(self) -> None:
        if self._is_draining and self.count == 0:
            self.landed.set()

    def _closing(self, send: Send) -> Send:
        """Adds `Connection: close` to what is answered while draining, so that a client or balancer turns away."""

        async def send_on(message: Message) -> None:
            if self._is_draining and message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
            await send(message)

        return send_on


def run_loop(main: Callable[[], Coroutine[None, None, int]]) -> int:
    """Run `main` on uvloop and return its exit status."""
    status: int = uvloop.run(main())
    return status


def _config(listener: socket.socket) -> Config:
    config = Config()
    config.bind = [f"fd://{os.dup(listener.fileno())}"]  # hypercorn closes its own copy
    config.graceful_timeout = DRAIN_LAST_BYTES_S
    config.keep_alive_timeout = KEEP_ALIVE_CONNECTION_S
    config.accesslog = None
    logging.getLogger("hypercorn.error").setLevel(logging.WARNING)  # it repeats what the ready line says
    config.errorlog = logging.getLogger("hypercorn.error")
    config.include_server_header = False
    return config
