"""Something that takes what others send over HTTP, with real sockets: traces, error reports."""

import gzip
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue

WITHIN_S = 10.0


@dataclass(frozen=True)
class Received:
    """One request, its body unpacked."""

    path: str
    headers: Mapping[str, str]
    body: bytes


class Receiver:
    """Where it listens, and what came."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.port = port
        self.requests: Queue[Received] = Queue()

    def take(self) -> Received:
        """The next request, waited for."""
        return self.requests.get(timeout=WITHIN_S)

    def all(self) -> list[Received]:
        """Everything that has come and was not taken."""
        return [self.requests.get_nowait() for _ in range(self.requests.qsize())]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Take requests while the block runs, and answer each with 200."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            receiver.requests.put(Received(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver = Receiver(server.server_port)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
