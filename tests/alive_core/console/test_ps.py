"""`task ps`."""

import json
import os
import time
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alive_core.console.ps import show_servers
from alive_core.operations.runfiles import RunFile
from alive_core.utils.tables import format_table
from support.runs import put, run_of


def deaf() -> RunFile:
    """A server whose port nobody listens on."""
    return run_of(os.getpid(), port=1)


cells = st.text("ab c", max_size=6)


def test_without_servers_it_says_how_to_start_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show_servers(tmp_path, as_json=False, is_live=False) == 0
    assert capsys.readouterr().out == ("No server runs. Start one with `task up:command` or `task up:providers`.\n")


def test_each_server_is_a_row_of_the_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 90.0)
    put(tmp_path, deaf())
    put(tmp_path, run_of(os.getpid(), service="providers_server", port=1, host="::"))
    assert show_servers(tmp_path, as_json=False, is_live=False) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["SERVICE", "VERSION", "ADDRESS", "PID", "UP", "MEMORY"]
    assert lines[1].split()[:4] == ["command_server", "0.1.0", "http://127.0.0.1:1", str(os.getpid())]
    assert lines[2].split()[2] == "http://[::1]:1"
    assert "command_server-1 cannot be reached: it is just starting, or ending." in lines[4]


def test_a_clock_that_went_back_makes_no_negative_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: -5.0)
    put(tmp_path, deaf())
    assert show_servers(tmp_path, as_json=False, is_live=False) == 0
    assert capsys.readouterr().out.splitlines()[1].split()[-3:] == ["0", "s", "?"]


def test_as_json_it_is_one_array_for_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show_servers(tmp_path, as_json=True, is_live=False) == 0
    assert json.loads(capsys.readouterr().out) == []
    put(tmp_path, deaf())
    assert show_servers(tmp_path, as_json=True, is_live=False) == 0
    (shown,) = json.loads(capsys.readouterr().out)
    assert "cannot be reached" in shown.pop("problem")
    assert shown == msgspec.to_builtins(deaf()) | {"status": None}


@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=5))
def test_every_column_of_a_table_begins_at_one_place(rows: list[tuple[str, ...]]) -> None:
    lines = format_table(rows).split("\n")[:-1]
    assert len(lines) == len(rows)
    start = 0
    for column in range(3):
        width = max(len(row[column]) for row in rows)
        for line, row in zip(lines, rows, strict=True):
            assert line[start : start + width].rstrip() == row[column].rstrip()
        start += width + 2
