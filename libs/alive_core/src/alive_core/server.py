"""Serves an application with hypercorn on uvloop: one socket, one `ready` line, a gentle end."""

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
from starlette.types import ASGIApp

from alive_core.constants import BACKLOG, DRAIN_TIMEOUT_S, KEEP_ALIVE_CONNECTION_S
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
    """Serve until SIGTERM or SIGINT, then let answers in flight finish, for a bounded time.

    `on_drain` is called at the first signal. A second signal ends at once.
    """
    loop = asyncio.get_running_loop()
    drain = asyncio.Event()
    serving = asyncio.ensure_future(serve_until(app, listener, drain))

    def end(number: int) -> None:
        if drain.is_set():
            logger.warning("ending at once, asked twice")
            serving.cancel()
            return
        logger.info("%s: answers in flight finish, nothing new is taken", signal.Signals(number).name)
        on_drain()
        drain.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end, number)
    try:
        await asyncio.wait((serving,))
        if not serving.cancelled():
            serving.result()
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


async def serve_until(app: ASGIApp, listener: socket.socket, drain: asyncio.Event) -> None:
    """Serve until `drain` is set and answers in flight have finished, or DRAIN_TIMEOUT_S is over."""
    await hypercorn_serve(cast(Framework, app), _config(listener), shutdown_trigger=drain.wait)


def run_loop(main: Callable[[], Coroutine[None, None, int]]) -> int:
    """Run `main` on uvloop and return its exit status."""
    status: int = uvloop.run(main())
    return status


def _config(listener: socket.socket) -> Config:
    config = Config()
    config.bind = [f"fd://{os.dup(listener.fileno())}"]  # hypercorn closes its own copy
    config.graceful_timeout = DRAIN_TIMEOUT_S
    config.keep_alive_timeout = KEEP_ALIVE_CONNECTION_S
    config.accesslog = None
    logging.getLogger("hypercorn.error").setLevel(logging.WARNING)  # it repeats what the ready line says
    config.errorlog = logging.getLogger("hypercorn.error")
    config.include_server_header = False
    return config
