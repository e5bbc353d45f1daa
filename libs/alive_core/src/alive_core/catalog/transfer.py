"""The way of one file: in one stream, or in a few at once where the server sends parts.

The first answer decides. A server that says `Accept-Ranges: bytes`, the size, and something to vouch for the file (a
strong ETag, or a checksum that is known) is asked for the other spans beside the first. A later answer that is not
the part asked for (200, another ETag, another size) ends all of it, and the file is begun anew in one stream, never
mixed (RFC 9110, 13.1.5 and 14.2).
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from alive_core.catalog.disk import check_room
from alive_core.catalog.failures import DownloadFailed, SourceUnreachable
from alive_core.catalog.formats import check_head
from alive_core.catalog.part import Part
from alive_core.catalog.patience import Patience
from alive_core.catalog.remote import (
    OK,
    PARTIAL,
    RANGE_PAST_END,
    BrokenOff,
    Changed,
    RemoteFile,
    check_answer,
    extent_of,
    strong_tag,
    takes_ranges,
)
from alive_core.constants import (
    DISK_LOOK_BYTES,
    DOWNLOAD_BARREN_ATTEMPTS,
    DOWNLOAD_PART_MIN_BYTES,
    DOWNLOAD_PARTS,
    FILE_HEAD_BYTES,
)
from alive_core.errors import LoadFailed, ModelUnavailable
from alive_core.utils.sizes import format_bytes

if TYPE_CHECKING:
    import httpx
    from tenacity import Retrying

OnProgress = Callable[[str, int, int | None], None]
"""Called with a file's name, its bytes so far and in all (`None` while that is unknown)."""


class Means(msgspec.Struct, frozen=True):
    """How a transfer goes: with which client, and who hears of it."""

    client: "httpx.Client"
    on_progress: OnProgress
    token: str | None = None
    """Sent to the first address only."""
    pause: Callable[[float], None] | None = None
    """Waits between attempts, seconds; for tests."""


class GaveUp(Exception):
    """A span was tried until its patience was over; its last failure is the cause."""


class Transfer:
    """One file on its way into its part."""

    def __init__(self, remote: RemoteFile, part: Part, means: Means) -> None:
        self._remote, self._part, self._means = remote, part, means
        self._lock = Lock()
        """Held for every write, so that none comes after a halt."""
        self._in_one_stream = False
        self._next_look = part.arrived + DISK_LOOK_BYTES

    def run(self) -> None:
        """Return when every byte has arrived.

        Raises SourceUnreachable, DownloadFailed, AccessRefused, DiskFull or LoadFailed; what has arrived stays in the
        part, except where it is no model file.
        """
        import httpx

        try:
            if not self._part.is_whole:
                self._retrying(BrokenOff, Changed, httpx.TransportError)(self._attempt)
        except (BrokenOff, Changed, httpx.TransportError) as error:
            raise self._failure(error) from error
        except GaveUp as error:
            raise self._failure(error.__cause__) from error.__cause__
        except httpx.TooManyRedirects as error:
            raise DownloadFailed(f"{self._remote.url} leads in a circle of redirects.") from error
        finally:
            self._part.close()

    def _failure(self, last: BaseException | None) -> ModelUnavailable:
        """The sentence for what could not be had; `last` is the last of many failures."""
        import httpx

        if isinstance(last, httpx.ConnectError):
            return SourceUnreachable(f"{urlsplit(self._remote.url).hostname} cannot be reached: {last}.")
        return DownloadFailed(
            f"{self._remote.name} broke off {DOWNLOAD_BARREN_ATTEMPTS} times in a row without progress "
            f"({format_bytes(self._part.arrived)} are kept): {last}. Run the command again to continue."
        )

    def _retrying(self, *kinds: type[BaseException], sleep: Callable[[float], None] = time.sleep) -> "Retrying":
        """Attempt after attempt while they fail with one of `kinds` and patience lasts."""
        from tenacity import Retrying, retry_if_exception_type

        patience = Patience(lambda: self._part.arrived)
        return Retrying(
            retry=retry_if_exception_type(kinds),
            after=patience.note,
            stop=patience.is_over,
            wait=patience.pause_s,
            sleep=self._means.pause or sleep,
            reraise=True,
        )

    def _attempt(self) -> None:
        """Go on from what is there, or begin. What is no continuation is thrown away, never mixed."""
        try:
            if self._can_go_on():
                self._part.open()
                self._go_on(self._part.unfinished())
            else:
                with self._ask() as response:
                    self._begin(response)
                    self._fill(response)
        except Changed:
            self._in_one_stream = True
            self._part.begin(None, None)
            raise

    def _can_go_on(self) -> bool:
        """Only where it can be told that the rest is the rest of the same file."""
        return self._part.arrived > 0 and bool(self._part.layout.tag or self._remote.sha256)

    @contextmanager
    def _ask(self, index: int | None = None) -> "Iterator[httpx.Response]":
        """The answer to one request: for the whole file, or for what span `index` misses. Its status is good."""
        with self._means.client.stream("GET", self._remote.url, headers=self._headers(index)) as response:
            if index is None or response.status_code != RANGE_PAST_END:
                check_answer(response, self._remote)
            yield response

    def _headers(self, index: int | None) -> dict[str, str]:
        headers = {"Accept-Encoding": "identity"}
        if self._means.token:
            headers["Authorization"] = f"Bearer {self._means.token}"
        if index is not None:
            last = self._part.last(index)
            headers["Range"] = f"bytes={self._part.position(index)}-{'' if last is None else last}"
            if self._part.layout.tag:
                headers["If-Range"] = self._part.layout.tag
        return headers

    def _begin(self, response: "httpx.Response") -> None:
        """Decide by the first answer, in how many spans the file comes, and whether it fits."""
        if response.status_code == PARTIAL:
            raise BrokenOff("the server sent a part though the whole was asked for")
        tag, size = strong_tag(response), extent_of(response).total
        if None not in (size, self._remote.size_bytes) and size != self._remote.size_bytes:
            raise DownloadFailed(
                f"{self._remote.name} has {size} bytes, but {self._remote.size_bytes} were announced; "
                f"nothing of it was kept."
            )
        check_room(self._part.path.parent, size or 0)
        is_vouched = bool(tag or self._remote.sha256)
        spans = 1
        if size and is_vouched and takes_ranges(response) and not self._in_one_stream:
            spans = max(1, min(DOWNLOAD_PARTS, size // DOWNLOAD_PART_MIN_BYTES))
        self._part.begin(tag, size, spans=spans)
        self._means.on_progress(self._remote.name, 0, size)

    def _fill(self, first: "httpx.Response") -> None:
        """Take `first`, the answer that the file begins with; ask for the other spans beside it, where there are."""
        if len(unfinished := self._part.unfinished()) > 1:
            self._fill_all(unfinished, first, Event())
        else:
            self._take(0, first, Event())

    def _go_on(self, unfinished: list[int]) -> None:
        """Ask for what is missing. A lone stream that gets the whole file instead begins anew with that."""
        if len(unfinished) > 1:
            self._fill_all(unfinished, None, Event())
            return
        (index,) = unfinished
        with self._ask(index) as answer:
            if answer.status_code == OK:
                self._in_one_stream = True
                self._begin(answer)
                self._take(0, answer, Event())
            elif self._is_continuation(index, answer):
                self._take(index, answer, Event())

    def _fill_all(self, unfinished: list[int], first: "httpx.Response | None", halt: Event) -> None:
        """A thread for each span. The first error that no patience helps against halts all of them.

        Nobody waits for halted threads: one may hang in a connection for a while. None of them writes any more.
        """
        outcomes: SimpleQueue[BaseException | None] = SimpleQueue()

        def work(index: int) -> None:
            try:
                self._keep_filling(index, first if index == 0 else None, halt)
                outcomes.put(None)
            except BaseException as error:  # noqa: BLE001  # the thread that waits for the outcomes raises it
                outcomes.put(error)

        for index in unfinished:
            Thread(target=work, args=(index,), daemon=True, name=f"span {index}").start()
        try:
            for _ in unfinished:
                if (error := outcomes.get()) is not None:
                    raise error
        finally:
            with self._lock:
                halt.set()

    def _keep_filling(self, index: int, response: "httpx.Response | None", halt: Event) -> None:
        """One span, attempt after attempt; `response` is used up by the first."""
        import httpx

        answers = [response] if response is not None else []
        retrying = self._retrying(BrokenOff, httpx.TransportError, sleep=lambda seconds: _wait(halt, seconds))
        try:
            retrying(lambda: self._fill_one(index, answers.pop() if answers else None, halt))
        except (BrokenOff, httpx.TransportError) as error:
            raise GaveUp from error

    def _fill_one(self, index: int, response: "httpx.Response | None", halt: Event) -> None:
        """One request for one span. Raises BrokenOff or TransportError where another may help."""
        if halt.is_set():
            return
        if response is not None:
            self._take(index, response, halt)
            response.close()  # it may bring the whole file, and the other spans do that
            return
        with self._ask(index) as answer:
            if not halt.is_set() and self._is_continuation(index, answer):
                self._take(index, answer, halt)

    def _is_continuation(self, index: int, response: "httpx.Response") -> bool:
        """Whether the answer brings bytes of this span: False where it says that none are missing. Raises Changed."""
        layout = self._part.layout
        if response.status_code == RANGE_PAST_END:
            whole = response.headers.get("Content-Range", "").removeprefix("bytes */")
            if layout.size is None and whole == str(self._part.arrived):
                self._part.settle_size(self._part.arrived)
                return False
            raise Changed("the server has fewer bytes than had arrived")
        if response.status_code != PARTIAL:
            raise Changed("the server sent the whole file instead of the rest")
        extent, tag = extent_of(response), strong_tag(response)
        if layout.tag and tag and tag != layout.tag:
            raise Changed("the file has changed")
        if None not in (layout.size, extent.total) and extent.total != layout.size:
            raise Changed("the file has another size now")
        if extent.start != self._part.position(index):
            raise Changed(f"the server answered from byte {extent.start} on")
        if layout.size is None and extent.total is not None:
            self._part.settle_size(extent.total)
        return True

    def _take(self, index: int, response: "httpx.Response", halt: Event) -> None:
        """Write what comes. An answer without a size is whole when its stream has ended well."""
        for chunk in response.iter_raw():
            if not self._write(index, chunk, halt):
                return
        if self._part.layout.size is None:
            self._part.settle_size(self._part.arrived)
        elif self._part.missing(index):
            raise BrokenOff(f"{self._part.arrived} of {self._part.layout.size} bytes arrived")

    def _write(self, index: int, chunk: bytes, halt: Event) -> bool:
        """Put one chunk in its place and tell; returns whether the span takes more."""
        with self._lock:
            if halt.is_set():
                return False
            was_recognised = self._part.position(0) >= FILE_HEAD_BYTES
            goes_on = self._part.write(index, chunk)
            if index == 0 and not was_recognised and self._part.position(0) >= FILE_HEAD_BYTES:
                self._check_head()
            arrived, size = self._part.arrived, self._part.layout.size
            if arrived >= self._next_look:
                self._next_look = arrived + DISK_LOOK_BYTES
                check_room(self._part.path.parent, max(0, (size or arrived) - arrived))
            self._means.on_progress(self._remote.name, arrived, size)
        return goes_on

    def _check_head(self) -> None:
        try:
            check_head(self._remote.name, self._part.head())
        except LoadFailed:
            self._part.remove()
            raise


def _wait(halt: Event, seconds: float) -> None:
    halt.wait(seconds)
