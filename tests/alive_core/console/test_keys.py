"""`keys add|list|revoke` as an operator types them."""

from pathlib import Path

import pytest

from alive_core.__main__ import main
from alive_core.console.keys import end_of
from alive_core.constants import DAY_S
from alive_core.errors import InvalidRequest

NOW = 1_800_000_000.0  # 2027-01-15, in the morning


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ALIVE_HOME", str(tmp_path))
    return tmp_path / "state"


@pytest.mark.parametrize(
    ("words", "end"),
    [("90d", NOW + 90 * DAY_S), ("1h30m", NOW + 5400), ("10", NOW + 10), ("2027-01-15", 1_800_057_600.0)],
)
def test_a_key_ends_after_a_span_or_with_a_day(words: str, end: float) -> None:
    assert end_of(words, NOW) == end


@pytest.mark.parametrize("words", ["", "soon", "2027-13-01", "2027-01-14", "0s", "-3d"])
def test_an_end_that_is_none_or_over_is_refused(words: str) -> None:
    with pytest.raises(InvalidRequest):
        end_of(words, NOW)


def test_the_key_stands_alone_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "add", "app"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("sk-alive-") and said.out.count("\n") == 1
    assert said.out.strip() not in said.err
    assert "shown only now" in said.err


def test_listing_nothing_says_so_and_makes_no_file(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "list"]) == 0
    assert "no stored keys" in capsys.readouterr().out
    assert not state.exists()


def test_the_list_tells_everything_but_the_key(capsys: pytest.CaptureFixture[str]) -> None:
    main(["keys", "add", "app", "--requests-per-minute", "60", "--tokens-per-day", "1000"])
    secret = capsys.readouterr().out.strip()
    main(["keys", "add", "ops", "--role", "admin"])
    main(["keys", "add", "brief", "--expires", "1ms"])
    main(["keys", "revoke", "ops"])
    capsys.readouterr()
    assert main(["keys", "list"]) == 0
    out = capsys.readouterr().out
    lines = [line.split() for line in out.splitlines()]
    assert [line[1:4] for line in lines[1:]] == [
        ["app", "user", "usable"],
        ["ops", "admin", "revoked"],
        ["brief", "user", "expired"],
    ]
    assert "60 requests/minute, 1000 tokens/day" in out
    assert secret[18:] not in out


def test_a_mistake_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    main(["keys", "add", "app"])
    for words in (["add", "app"], ["revoke", "nobody"], ["add", "x", "--expires", "never"]):
        capsys.readouterr()
        assert main(["keys", *words]) == 1
        assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("amount", ["0", "-1", "many", "1.5", "1" * 13 + "0"])
def test_a_limit_is_a_whole_number(amount: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["keys", "add", "app", "--requests-per-minute", amount])
    assert "is not a limit" in capsys.readouterr().err
