"""The servers of `benchmarks/chain.py`: a bare Starlette application, and the whole chain around the same route.

`python -m benchmarks.chain_server bare|whole FOLDER`: prints `ready URL`, serves until SIGTERM.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from alive_core import ChatJob, ChoiceFinished, Event, Finished, Service, Target, TextDelta, Usage
from alive_core.assembly import assemble, assemble_roster
from alive_core.constants import DEFAULT_HOST, GIB
from alive_core.http.app import create_app
from alive_core.observability.logs import set_up_logs
from alive_core.server import open_socket, run_loop, serve, url_of
from alive_core.settings import Settings

CHUNKS = 2000
PROFILES = """
[profiles.chat]
task = "chat"
description = "Says a lot, at no cost."
targets = ["instant"]

[targets.instant]
adapter = "instant"
parallel = 64
"""


class Instant:
    """An engine that costs nothing, so that only the way to it is measured."""

    @classmethod
    async def load(cls, target: Target) -> "Instant":
        return cls()

    async def chat(self, job: ChatJob) -> AsyncIterator[Event]:
        for _ in range(CHUNKS):
            yield TextDelta(" word")
        yield ChoiceFinished("stop")
        yield Finished(Usage(10, CHUNKS))

    async def close(self) -> None:
        """Nothing to free."""


async def plain(_: Request) -> Response:
    """The trivial answer."""
    return Response(b'{"status":"ok"}', media_type="application/json")


async def chunks(request: Request) -> Response:
    """As many chunks, of the same size, as a chat of `Instant`."""
    size = int(request.query_params["size"])
    return StreamingResponse(_same(b"x" * size), media_type="text/event-stream")


async def _same(chunk: bytes) -> AsyncIterator[bytes]:
    for _ in range(CHUNKS):
        yield chunk


ROUTES = [Route("/plain", plain), Route("/chunks", chunks)]


async def main(kind: str, folder: Path) -> int:
    """Serve until asked to end."""
    with closing(open_socket(DEFAULT_HOST, 0)) as listener:
        if kind == "bare":
            print(f"ready {url_of(listener)}", flush=True)
            await serve(Starlette(routes=ROUTES), listener, on_drain=lambda: None)
            return 0
        (folder / "profiles.toml").write_text(PROFILES)
        service = Service("chain", "1", 0, {"instant": Instant}, folder)
        set_up_logs("info", None, folder / "server.log")
        roster = assemble_roster(service, service.profiles, state=folder)
        async with assemble(service, roster, Settings(memory_budget=GIB), state=folder) as context:
            app = create_app(context)
            app.router.routes[:0] = ROUTES
            print(f"ready {url_of(listener)}", flush=True)
            await serve(app, listener, on_drain=context.drain)
        return 0


if __name__ == "__main__":
    sys.exit(run_loop(lambda: main(sys.argv[1], Path(sys.argv[2]))))
