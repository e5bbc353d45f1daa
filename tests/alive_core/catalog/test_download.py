import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from alive_core.catalog import download as download_module
from alive_core.catalog.download import RemoteFile, download, open_client
from alive_core.catalog.failures import (
    AccessRefused,
    ChecksumMismatch,
    DiskFull,
    DownloadFailed,
    SourceUnreachable,
)
from alive_core.constants import DOWNLOAD_BARREN_ATTEMPTS
from alive_core.errors import LoadFailed
from support.stand_in_hub import StandInHub, answer, cut_after, drop, serve_instead, stand_in_hub

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

    def run(self, *, sha256: str | None = SHA256, size: int | None = len(CONTENT), url: str | None = None) -> str:
        address = url or f"{self.site.storage_url}/owner/model/{NAME}"
        remote = RemoteFile(NAME, address, size_bytes=size, sha256=sha256, page="https://hub.example/owner/model")
        with open_client() as client:
            return download(
                remote,
                self.target,
                client=client,
                on_progress=lambda _, done, total: self.progress.append((done, total)),
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


def test_a_part_of_unknown_origin_is_not_continued(attempt: Attempt) -> None:
    attempt.part.write_bytes(b"GGUFsomething else")
    attempt.run(sha256=None)
    assert attempt.ranges() == [None]
    assert attempt.target.read_bytes() == CONTENT


def test_a_server_that_ignores_ranges_starts_the_file_over(attempt: Attempt) -> None:
    attempt.site.troubles = [cut_after(100_000), lambda handler, content: handler.end(200, {}, content)]
    assert attempt.run() == SHA256


def test_a_part_that_is_too_long_is_thrown_away(attempt: Attempt) -> None:
    attempt.part.write_bytes(CONTENT + b"more")
    assert attempt.run() == SHA256
    assert attempt.ranges() == [f"bytes={len(CONTENT) + 4}-", None]


def test_a_complete_part_is_recognised_by_its_hash_without_a_request(attempt: Attempt) -> None:
    attempt.part.write_bytes(CONTENT)
    assert attempt.run() == SHA256
    assert attempt.site.at_storage == []


def test_a_part_that_the_server_says_is_complete_is_taken(attempt: Attempt) -> None:
    tag = f'"{SHA256[:16]}"'
    attempt.part.write_bytes(CONTENT)
    attempt.part.with_name(f"{NAME}.part.origin").write_text(tag)
    assert attempt.run(sha256=None) == SHA256
    assert attempt.ranges() == [f"bytes={len(CONTENT)}-"]
    assert attempt.left_behind() == [NAME]


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
    monkeypatch.setattr(download_module, "DISK_RESERVE_BYTES", 2**62)
    with pytest.raises(DiskFull, match=r"293 KiB do not fit.*Free .* and go on"):
        attempt.run()
    assert attempt.progress == []
