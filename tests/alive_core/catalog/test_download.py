import errno
import hashlib
import os
import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from alive_core.catalog import disk as disk_module
from alive_core.catalog import transfer as transfer_module
from alive_core.catalog.download import download
from alive_core.catalog.failures import (
    AccessRefused,
    ChecksumMismatch,
    DiskFull,
    DownloadFailed,
    SourceUnreachable,
)
from alive_core.catalog.part import COUNTER
from alive_core.catalog.remote import RemoteFile, open_client
from alive_core.constants import DOWNLOAD_BARREN_ATTEMPTS, DOWNLOAD_PARTS
from alive_core.errors import LoadFailed
from support.stand_in_hub import (
    StandInHub,
    StorageHandler,
    answer,
    cut_after,
    drop,
    say,
    serve_instead,
    stand_in_hub,
    whole,
    without_length,
)

CONTENT = b"GGUF" + random.Random(7).randbytes(300_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
NAME = "model.gguf"


@pytest.fixture
def site() -> Iterator[StandInHub]:
    with stand_in_hub({f"owner/model/{NAME}": CONTENT}) as site:
        yield site


class Attempt:
    """One call of `download` with its surroundings."""

    def __init__(self, site: StandInHub, folder: Path) -> None:
        self.site = site
        self.target = folder / NAME
        self.part = folder / f"{NAME}.part"
        self.progress: list[tuple[int, int | None]] = []
        self.pauses: list[float] = []

    def run(
        self,
        *,
        sha256: str | None = SHA256,
        size: int | None = len(CONTENT),
        url: str | None = None,
        token: str | None = None,
    ) -> str:
        address = url or f"{self.site.storage_url}/owner/model/{NAME}"
        remote = RemoteFile(NAME, address, size_bytes=size, sha256=sha256, page="https://hub.example/owner/model")
        with open_client() as client:
            return download(
                remote,
                self.target,
                client=client,
                on_progress=lambda _, done, total: self.progress.append((done, total)),
                token=token,
                pause=self.pauses.append,
            )

    def left_behind(self) -> list[str]:
        return sorted(path.name for path in self.target.parent.iterdir())

    def ranges(self) -> list[str | None]:
        return [seen.headers.get("Range") for seen in self.site.at_storage]


@pytest.fixture
def attempt(site: StandInHub, tmp_path: Path) -> Attempt:
    return Attempt(site, tmp_path)


def test_a_file_arrives_whole_with_its_hash_and_nothing_else(attempt: Attempt) -> None:
    assert attempt.run() == SHA256
    assert attempt.target.read_bytes() == CONTENT
    assert attempt.left_behind() == [NAME]
    assert attempt.progress[0] == (0, len(CONTENT))
    assert attempt.progress[-1] == (len(CONTENT), len(CONTENT))


def test_a_broken_connection_goes_on_where_it_stopped(attempt: Attempt) -> None:
    attempt.site.troubles = [cut_after(100_000)]
    attempt.run()
    assert attempt.target.read_bytes() == CONTENT
    assert attempt.ranges() == [None, "bytes=100000-"]


def test_a_download_cut_ten_times_is_finished(attempt: Attempt) -> None:
    attempt.site.troubles = [cut_after(25_000)] * 10
    assert attempt.run() == SHA256
    assert len(attempt.site.at_storage) == 11
    assert max(attempt.pauses) <= 0.5  # bytes came each time, so patience was renewed


def test_a_second_run_goes_on_from_what_the_first_left(attempt: Attempt) -> None:
    attempt.site.troubles = [cut_after(200_000)] + [drop()] * DOWNLOAD_BARREN_ATTEMPTS
    with pytest.raises(DownloadFailed, match=r"195\.3 KiB are kept.*Run the command again"):
        attempt.run()
    assert attempt.part.stat().st_size == 200_000
    attempt.site.at_storage.clear()
    attempt.run()
    assert attempt.ranges() == ["bytes=200000-"]
    assert attempt.target.read_bytes() == CONTENT


def test_attempts_without_any_progress_end_with_growing_pauses(attempt: Attempt) -> None:
    attempt.site.troubles = [drop()] * 50
    with pytest.raises(DownloadFailed, match=f"{DOWNLOAD_BARREN_ATTEMPTS} times in a row"):
        attempt.run()
    assert len(attempt.site.at_storage) == DOWNLOAD_BARREN_ATTEMPTS
    assert attempt.pauses[-1] > 2 * attempt.pauses[0]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_in_trouble_is_asked_again(attempt: Attempt, status: int) -> None:
    attempt.site.troubles = [answer(status)] * 2
    assert attempt.run() == SHA256


def test_a_file_that_changed_meanwhile_starts_over_instead_of_becoming_a_mixture(attempt: Attempt) -> None:
    newer = b"GGUF" + random.Random(8).randbytes(150_000)
    attempt.site.troubles = [cut_after(100_000), serve_instead(newer)]
    assert attempt.run(sha256=None, size=None) == hashlib.sha256(newer).hexdigest()
    assert attempt.target.read_bytes() == newer


def test_bytes_of_unknown_origin_are_not_continued(attempt: Attempt) -> None:
    attempt.part.write_bytes(b"GGUFsomething else")
    attempt.run(sha256=None)
    assert attempt.ranges() == [None]
    assert attempt.target.read_bytes() == CONTENT


def test_a_server_that_ignores_ranges_starts_the_file_over(attempt: Attempt) -> None:
    attempt.site.troubles = [cut_after(100_000), whole(), whole()]
    assert attempt.run() == SHA256
    assert attempt.target.read_bytes() == CONTENT


def test_a_server_that_ignores_ranges_and_always_breaks_at_the_same_place_is_given_up(attempt: Attempt) -> None:
    attempt.site.troubles = [without_length(cut_after=50_000)] * 50
    with pytest.raises(DownloadFailed, match="without progress"):
        attempt.run(sha256=None, size=None)
    assert len(attempt.site.at_storage) == DOWNLOAD_BARREN_ATTEMPTS + 1


def test_a_file_of_unknown_length_is_whole_when_its_stream_ends_well(attempt: Attempt) -> None:
    attempt.site.troubles = [without_length()]
    assert attempt.run(sha256=None, size=None) == SHA256
    assert attempt.progress[-1] == (len(CONTENT), None)


def test_a_file_of_unknown_length_that_breaks_off_is_no_file(attempt: Attempt) -> None:
    attempt.site.troubles = [without_length(cut_after=70_000), without_length()]
    assert attempt.run(sha256=None, size=None) == SHA256


def test_a_complete_file_of_an_earlier_run_is_recognised_without_a_request(attempt: Attempt) -> None:
    attempt.target.write_bytes(CONTENT)
    assert attempt.run() == SHA256
    assert attempt.site.at_storage == []


def test_a_length_that_is_too_large_is_not_believed(attempt: Attempt) -> None:
    attempt.site.troubles = [say(Content_Length=str(len(CONTENT) + 5))] * 3
    with pytest.raises(DownloadFailed, match=r"300009 bytes, but 300004 were announced"):
        attempt.run()
    assert attempt.left_behind() == []


def test_a_length_that_is_too_large_and_contradicted_by_nobody_ends_at_the_real_one(attempt: Attempt) -> None:
    too_large = {"Content-Length": str(len(CONTENT) + 5)}
    attempt.site.troubles = [lambda handler, content: handler.serve(content, cut_after=len(content), **too_large)]
    assert attempt.run(size=None) == SHA256
    assert attempt.target.read_bytes() == CONTENT


def test_a_file_that_comes_compressed_is_refused(attempt: Attempt) -> None:
    attempt.site.troubles = [say(Content_Encoding="gzip")]
    with pytest.raises(DownloadFailed, match="compressed"):
        attempt.run()


def test_a_pause_that_the_server_asks_for_is_kept(attempt: Attempt) -> None:
    attempt.site.troubles = [answer(429, Retry_After="17")]
    attempt.run()
    assert attempt.pauses == [17.0]


def test_a_server_that_asks_for_a_long_pause_is_left_alone(attempt: Attempt) -> None:
    attempt.site.troubles = [cut_after(100_000), answer(503, Retry_After="7200")]
    with pytest.raises(DownloadFailed, match=r"asks to wait for 2 h.*goes on from what is there"):
        attempt.run()
    assert attempt.part.stat().st_size == 100_000
    attempt.run()
    assert attempt.ranges()[-1] == "bytes=100000-"


def test_the_disk_is_looked_at_again_while_a_file_comes(attempt: Attempt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer_module, "DISK_LOOK_BYTES", 50_000)
    looks = iter([1, 1, 1])

    def shrinking(folder: Path, needed: int) -> None:
        if next(looks, None) is None:
            raise DiskFull("Nothing is left.")

    monkeypatch.setattr(transfer_module, "check_room", shrinking)
    with pytest.raises(DiskFull):
        attempt.run()
    kept = attempt.part.stat().st_size
    assert 100_000 < kept < len(CONTENT)
    monkeypatch.undo()
    attempt.site.at_storage.clear()
    assert attempt.run() == SHA256
    assert attempt.ranges() == [f"bytes={kept}-"]


def test_a_disk_that_is_full_is_a_sentence_and_keeps_what_came(
    attempt: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = iter(range(3))

    def write(descriptor: int, data: bytes, offset: int, real: Callable[..., int] = os.pwrite) -> int:
        if len(data) > COUNTER.size and next(room, None) is None:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(descriptor, data, offset)

    attempt.site.pace = lambda: None
    monkeypatch.setattr(os, "pwrite", write)
    with pytest.raises(DiskFull, match=r"is full. What has arrived is kept"):
        attempt.run()
    monkeypatch.undo()
    assert attempt.part.stat().st_size > 0
    assert attempt.run() == SHA256


def test_a_redirect_to_another_host_takes_no_token_along(attempt: Attempt) -> None:
    with stand_in_hub({f"owner/model/{NAME}": CONTENT}) as elsewhere:
        attempt.site.troubles = [answer(302, Location=f"{elsewhere.storage_url}/owner/model/{NAME}")]
        assert attempt.run(token="secret") == SHA256
    assert attempt.site.at_storage[0].headers["Authorization"] == "Bearer secret"
    assert "Authorization" not in elsewhere.at_storage[0].headers


class TestInParts:
    """Files above a threshold come in a few spans at once; the threshold is 32 KiB here."""

    @pytest.fixture(autouse=True)
    def small_parts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(transfer_module, "DOWNLOAD_PART_MIN_BYTES", 32 * 1024)

    def test_a_large_file_comes_in_a_few_spans(self, attempt: Attempt) -> None:
        assert attempt.run() == SHA256
        quarter = len(CONTENT) // DOWNLOAD_PARTS
        assert set(attempt.ranges()) == {
            None,
            f"bytes={quarter}-{2 * quarter - 1}",
            f"bytes={2 * quarter}-{3 * quarter - 1}",
            f"bytes={3 * quarter}-",
        }
        assert attempt.target.read_bytes() == CONTENT
        assert attempt.left_behind() == [NAME]
        assert [done for done, _ in attempt.progress] == sorted(done for done, _ in attempt.progress)

    def test_a_server_that_does_not_offer_ranges_is_asked_once(self, attempt: Attempt) -> None:
        attempt.site.troubles = [say(Accept_Ranges="none")]
        assert attempt.run() == SHA256
        assert attempt.ranges() == [None]

    def test_without_anything_to_vouch_for_the_file_there_is_one_stream(self, attempt: Attempt) -> None:
        attempt.site.troubles = [say(ETag='W/"weak"')]
        assert attempt.run(sha256=None) == SHA256
        assert attempt.ranges() == [None]

    def test_a_server_that_offers_ranges_and_ignores_them_is_asked_for_one_stream(self, attempt: Attempt) -> None:
        attempt.site.troubles = [say(), whole(), whole(), whole(), say()]
        assert attempt.run() == SHA256
        assert attempt.target.read_bytes() == CONTENT

    def test_a_file_that_changes_midway_is_never_mixed(self, attempt: Attempt) -> None:
        newer = b"GGUF" + random.Random(8).randbytes(300_000)
        attempt.site.troubles = [say(), *[serve_instead(newer)] * 9]
        assert attempt.run(sha256=None, size=None) == hashlib.sha256(newer).hexdigest()
        assert attempt.target.read_bytes() == newer

    def test_another_tag_on_a_part_is_a_change_too(self, attempt: Attempt) -> None:
        newer = b"GGUF" + random.Random(8).randbytes(300_000)

        def ignores_the_condition(handler: StorageHandler, _: bytes) -> None:
            del handler.headers["If-Range"]
            handler.serve(newer)

        attempt.site.troubles = [say(), *[ignores_the_condition] * 9]
        assert attempt.run(sha256=None, size=None) == hashlib.sha256(newer).hexdigest()

    def test_every_span_is_cut_again_and_again_and_the_file_is_finished(self, attempt: Attempt) -> None:
        attempt.site.troubles = [cut_after(9_000)] * 30
        assert attempt.run() == SHA256
        assert attempt.target.read_bytes() == CONTENT

    def test_a_span_that_is_refused_for_good_ends_all(self, attempt: Attempt) -> None:
        attempt.site.troubles = [cut_after(20_000), answer(404), answer(404), answer(404)]
        with pytest.raises(DownloadFailed, match="404"):
            attempt.run()

    def test_spans_that_bring_nothing_end_with_one_sentence_and_the_rest_is_kept(self, attempt: Attempt) -> None:
        attempt.site.troubles = [cut_after(20_000), *[drop()] * 50]
        with pytest.raises(DownloadFailed, match=r"19\.5 KiB are kept.*Run the command again"):
            attempt.run()
        attempt.site.troubles.clear()
        attempt.site.at_storage.clear()
        assert attempt.run() == SHA256
        assert None not in attempt.ranges()
        assert f"bytes=20000-{len(CONTENT) // DOWNLOAD_PARTS - 1}" in attempt.ranges()

    def test_a_corrupted_span_is_found_at_the_end_and_nothing_is_kept(self, attempt: Attempt) -> None:
        def corrupt(handler: StorageHandler, content: bytes) -> None:
            tag = hashlib.sha256(content).hexdigest()[:16]
            handler.serve(content[:200_000] + b"x" + content[200_001:], ETag=f'"{tag}"')

        attempt.site.troubles = [corrupt] * 4
        with pytest.raises(ChecksumMismatch, match=SHA256):
            attempt.run()
        assert attempt.left_behind() == []

    def test_a_slow_server_is_read_by_all_spans_at_once(self, attempt: Attempt) -> None:
        together = threading.Barrier(DOWNLOAD_PARTS)
        begun = threading.local()

        def meet() -> None:
            if not hasattr(begun, "met"):
                begun.met = together.wait(timeout=10)  # breaks, and the test with it, where spans come in turn

        attempt.site.pace = meet
        assert attempt.run() == SHA256


def test_a_wrong_checksum_shows_both_hashes_and_keeps_nothing(attempt: Attempt) -> None:
    wrong = b"GGUF" + bytes(300_000)
    attempt.site.troubles = [serve_instead(wrong)]
    with pytest.raises(ChecksumMismatch) as caught:
        attempt.run()
    assert SHA256 in caught.value.message
    assert hashlib.sha256(wrong).hexdigest() in caught.value.message
    assert attempt.left_behind() == []


def test_a_file_that_was_truncated_at_the_source_keeps_nothing(attempt: Attempt) -> None:
    attempt.site.troubles = [serve_instead(CONTENT[:1000])]
    with pytest.raises(DownloadFailed, match=r"1000 bytes, but 300004 were announced"):
        attempt.run()
    assert attempt.left_behind() == []


def test_a_web_page_instead_of_a_model_is_noticed_before_it_is_fetched(attempt: Attempt) -> None:
    page = b"<!DOCTYPE html><html>Please sign in</html>" + bytes(20_000_000)
    attempt.site.troubles = [serve_instead(page)]
    with pytest.raises(LoadFailed, match="not what its name says"):
        attempt.run(sha256=None, size=None)
    assert attempt.left_behind() == []
    assert attempt.progress[-1][0] < len(page)


def test_a_missing_file_is_not_asked_for_twice(attempt: Attempt) -> None:
    with pytest.raises(DownloadFailed, match=r"404.*catalogue may be out of date"):
        attempt.run(url=f"{attempt.site.storage_url}/owner/model/gone.gguf")
    assert len(attempt.site.at_storage) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_says_what_to_do(attempt: Attempt, status: int) -> None:
    attempt.site.troubles = [answer(status)]
    with pytest.raises(AccessRefused, match=r"https://hub\.example/owner/model.*accept the licence.*HF_TOKEN"):
        attempt.run()


def test_a_circle_of_redirects_ends(attempt: Attempt) -> None:
    here = f"{attempt.site.storage_url}/owner/model/{NAME}"
    attempt.site.troubles = [answer(302, Location=here)] * 20
    with pytest.raises(DownloadFailed, match="circle of redirects"):
        attempt.run()


def test_a_redirect_to_plain_http_elsewhere_is_refused(attempt: Attempt) -> None:
    attempt.site.troubles = [answer(302, Location="http://files.example/model.gguf")]
    with pytest.raises(DownloadFailed, match=r"files\.example would send the file unencrypted"):
        attempt.run()


def test_an_address_where_nothing_listens_is_unreachable(attempt: Attempt, unused_tcp_port: int) -> None:
    with pytest.raises(SourceUnreachable, match=r"127\.0\.0\.1 cannot be reached"):
        attempt.run(url=f"http://127.0.0.1:{unused_tcp_port}/model.gguf")
    assert attempt.left_behind() == []


def test_a_file_that_does_not_fit_on_the_disk_is_not_begun(attempt: Attempt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk_module, "DISK_RESERVE_BYTES", 2**62)
    with pytest.raises(DiskFull, match=r"293 KiB do not fit.*Free .* and run the command again"):
        attempt.run()
    assert attempt.progress == []
