"""`store clear` forgets everything, also while a server uses the file."""

from pathlib import Path

import pytest

from alive_core.__main__ import main
from alive_core.store.contract import StoredResponse
from alive_core.store.sqlite import FILE_NAME, SqliteStore


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ALIVE_HOME", str(tmp_path))
    return tmp_path / "state"


def test_clearing_nothing_says_so_and_makes_no_file(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["store", "clear"]) == 0
    assert "Nothing is stored" in capsys.readouterr().out
    assert not state.exists()


@pytest.mark.parametrize(
    ("count", "words"), [(1, "1 response or conversation"), (3, "3 responses and conversations")]
)
async def test_clearing_forgets_everything_while_a_server_has_the_file(
    state: Path, capsys: pytest.CaptureFixture[str], count: int, words: str
) -> None:
    from asyncio import to_thread

    store = SqliteStore(state / FILE_NAME)
    for number in range(count):
        await store.save_response("me", StoredResponse(f"resp_{number}", b"{}"))
    assert await to_thread(main, ["store", "clear"]) == 0
    assert words in capsys.readouterr().out
    assert await store.response("me", "resp_0") is None
    await store.close()


def test_a_file_that_is_no_store_is_left_alone(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state.mkdir()
    (state / FILE_NAME).write_bytes(b"something else" * 100)
    assert main(["store", "clear"]) == 1
    assert "cannot be used" in capsys.readouterr().err
    assert (state / FILE_NAME).read_bytes() == b"something else" * 100
