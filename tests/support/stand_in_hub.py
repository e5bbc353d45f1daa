"""A hub and its file storage on two ports of this machine, with real sockets and every kind of trouble.

The hub answers as huggingface.co does: HEAD and GET for `/{repo}/resolve/{revision}/{file}` tell the commit and, for
large files, size and sha256, and redirect to the storage, which is another origin. Troubles are taken one per request
to the storage, in order; when none are left, the storage is well.
"""

import hashlib
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

COMMIT = "0123456789abcdef0123456789abcdef01234567"

PACED_BYTES = 4096

Trouble = Callable[["StorageHandler", bytes], None]


@dataclass
class Seen:
    """One request, as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]


@dataclass
class StandInHub:
    """What the hub has, how it behaves, and what was asked of it."""

    files: dict[str, bytes]
    """Path at the hub, such as `owner/model/file.gguf`, to content."""
    troubles: list[Trouble] = field(default_factory=list)
    needs_token: bool = False
    tells_sha256: bool = True
    commit: str = COMMIT
    """Where `main` is now."""
    pace: Callable[[], None] | None = None
    """Called before each piece of a body, where bodies are to come in pieces."""
    hub_url: str = ""
    storage_url: str = ""
    at_hub: list[Seen] = field(default_factory=list)
    at_storage: list[Seen] = field(default_factory=list)

    def content(self, repo: str, file: str) -> bytes | None:
        return self.files.get(f"{repo}/{file}")


class QuietHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: StandInHub

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's own name
        """Tests look at what was seen instead."""

    def end(self, status: int, headers: Mapping[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_HEAD(self) -> None:  # names of the base class
        self.answer()

    def do_GET(self) -> None:
        self.answer()

    def answer(self) -> None:
        raise NotImplementedError


class HubHandler(QuietHandler):
    def answer(self) -> None:
        self.site.at_hub.append(Seen(self.command, self.path, dict(self.headers)))
        owner, name, _, revision, *rest = self.path.removeprefix("/").split("/")
        file = "/".join(rest)
        commit = self.site.commit if revision == "main" else revision
        content = self.site.content(f"{owner}/{name}", file)
        if owner == "old-name":
            self.end(307, {"Location": self.path.replace("old-name", "owner")})
        elif self.site.needs_token and self.headers.get("Authorization") != "Bearer right":
            self.end(401 if "Authorization" not in self.headers else 403, {})
        elif content is None:
            self.end(404, {})
        else:
            sha256 = hashlib.sha256(content).hexdigest()
            large = {"X-Linked-ETag": f'"{sha256}"', "X-Linked-Size": str(len(content))}
            where = {"Location": f"{self.site.storage_url}/{owner}/{name}/{file}", "X-Repo-Commit": commit}
            self.end(302, where | (large if self.site.tells_sha256 else {}))


class StorageHandler(QuietHandler):
    def answer(self) -> None:
        self.site.at_storage.append(Seen(self.command, self.path, dict(self.headers)))
        content = self.site.files.get(self.path.removeprefix("/"))
        if content is None:
            self.end(404, {})
        elif self.site.troubles:
            self.site.troubles.pop(0)(self, content)
        else:
            self.serve(content)

    def serve(self, content: bytes, *, cut_after: int | None = None, **headers: str) -> None:
        """Answer well, with ranges; `cut_after` closes the connection after so many bytes of the body."""
        tag = headers.pop("ETag", f'"{hashlib.sha256(content).hexdigest()[:16]}"')
        span = self.wanted(tag, len(content))
        if span is not None and span.start >= len(content):
            self.end(416, {"Content-Range": f"bytes */{len(content)}"})
            return
        body = content[span.start : span.stop] if span else content
        named = {"ETag": tag, "Accept-Ranges": "bytes", "Content-Length": str(len(body))}
        if span:
            named["Content-Range"] = f"bytes {span.start}-{span.start + len(body) - 1}/{len(content)}"
        self.send_response(206 if span else 200)
        for name, value in (named | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.send_slowly(body if cut_after is None else body[:cut_after])
        if cut_after is not None:
            self.close_connection = True

    def send_slowly(self, body: bytes) -> None:
        """In one piece, or as the site's pace lets it."""
        if self.site.pace is None:
            self.wfile.write(body)
            return
        for begin in range(0, len(body), PACED_BYTES):
            self.site.pace()
            self.wfile.write(body[begin : begin + PACED_BYTES])

    def wanted(self, tag: str, size: int) -> range | None:
        """The bytes that the request asks for; `None` where it wants the whole file, or it has changed."""
        asked = self.headers.get("Range", "")
        if not asked or self.headers.get("If-Range", tag) != tag:
            return None
        begin, _, last = asked.removeprefix("bytes=").partition("-")
        return range(int(begin), min(int(last) + 1, size) if last else max(size, int(begin)))


def cut_after(count: int) -> Trouble:
    """Break the connection after `count` bytes."""
    return lambda handler, content: handler.serve(content, cut_after=count)


def answer(status: int, **headers: str) -> Trouble:
    """Answer with a bare status."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler, _: handler.end(status, named)


def serve_instead(body: bytes) -> Trouble:
    """Answer with something else."""
    return lambda handler, _: handler.serve(body)


def whole() -> Trouble:
    """Answer 200 with the whole file, whatever range was asked for."""
    return lambda handler, content: handler.end(200, {}, content)


def say(**headers: str) -> Trouble:
    """Answer well, but for these headers."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler, content: handler.serve(content, **named)


def without_length(*, cut_after: int | None = None) -> Trouble:
    """Answer 200 in chunks of unknown number, as servers do that make a file while they send it."""

    def send(handler: StorageHandler, content: bytes) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        body = content[:cut_after]
        handler.wfile.write(f"{len(body):x}\r\n".encode() + body + b"\r\n")
        if cut_after is None:
            handler.wfile.write(b"0\r\n\r\n")
        else:
            handler.close_connection = True

    return send


def drop() -> Trouble:
    """Close the connection without a word."""

    def close(handler: StorageHandler, _: bytes) -> None:
        handler.close_connection = True

    return close


@contextmanager
def stand_in_hub(files: dict[str, bytes]) -> Iterator[StandInHub]:
    """Run hub and storage in threads of this process while the block runs."""
    site = StandInHub(files)
    servers = [_serving(kind, site) for kind in (HubHandler, StorageHandler)]
    threads = [Thread(target=server.serve_forever, args=(0.01,), daemon=True) for server in servers]
    site.hub_url, site.storage_url = (f"http://127.0.0.1:{server.server_address[1]}" for server in servers)
    for thread in threads:
        thread.start()
    try:
        yield site
    finally:
        for server, thread in zip(servers, threads, strict=True):
            server.shutdown()
            server.server_close()
            thread.join()


class QuietServer(ThreadingHTTPServer):
    """A client that dies in the middle is part of the tests, not worth a traceback."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # a socket; typeshed is narrow


def _serving(kind: type[QuietHandler], site: StandInHub) -> ThreadingHTTPServer:
    return QuietServer(("127.0.0.1", 0), type(kind.__name__, (kind,), {"site": site}))
