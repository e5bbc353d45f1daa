"""What an operator reads of servers and models."""

import pytest
from msgspec.structs import replace

from alive_core.console.model_table import describe, model_row, state_words, stay_words, use_words
from alive_core.console.servers import Seen
from alive_core.constants import GIB, MIB
from alive_core.schemas.status import MemoryStatus, ModelStatus, ServerStatus
from support.runs import this_process

READY = ModelStatus(
    target="demo",
    profiles=["chat", "code"],
    state="ready",
    bytes=512 * MIB,
    parallel=4,
    keep_alive_s=600.0,
    idle_s=30.0,
)
MEMORY = MemoryStatus(budget_bytes=8 * GIB, used_bytes=512 * MIB, others_bytes=0, available_bytes=GIB, others=[])
STATUS = ServerStatus(
    service="command_server",
    version="0.1.0",
    instance="command_server-11435",
    pid=1,
    started=0,
    uptime_s=5.0,
    draining=False,
    memory=MEMORY,
    profiles=[],
    models=[READY],
)


def test_models_stand_below_their_server() -> None:
    text = describe([Seen(this_process(), STATUS)], now=3600.0)
    assert text.splitlines()[0].split() == ["SERVICE", "VERSION", "ADDRESS", "PID", "UP", "MEMORY"]
    assert text.splitlines()[1].endswith("1 h  512 MiB of 8 GiB")
    assert text.splitlines()[3:] == [
        "command_server-11435:",
        "  MODEL  SERVES      STATE  MEMORY   USE     STAYS",
        "  demo   chat, code  ready  512 MiB  0 of 4  9 min 30 s",
    ]


def test_what_others_hold_and_an_end_in_progress_are_said() -> None:
    status = replace(STATUS, draining=True, memory=replace(MEMORY, others_bytes=GIB))
    assert "512 MiB of 8 GiB, others 1 GiB, ending" in describe([Seen(this_process(), status)], now=0.0)


def test_a_server_that_does_not_say_is_there_with_the_reason() -> None:
    text = describe([Seen(this_process(), problem="It is busy.")], now=0.0)
    assert text.splitlines()[1].endswith("?")
    assert text.endswith("\nIt is busy.\n")


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (READY, "ready"),
        (replace(READY, state="loading"), "loading"),
        (replace(READY, state="loading", progress=0.43, expected_s=3.04), "loading ████░░░░░░ 43%, 3 s left"),
        (replace(READY, state="loading", expected_s=90.0), "loading, 1 min 30 s left"),
        (replace(READY, state="cooling_down", cooling_s=7.6, reason="No."), "cooling down, 8 s: No."),
        (replace(READY, breaker="open", cooling_s=3.0, reason="No."), "ready, spared, 3 s: No."),
        (replace(READY, breaker="half_open"), "ready"),
        (replace(READY, state="unavailable", reason="no file"), "unavailable: no file"),
    ],
)
def test_the_state_is_said_in_words(model: ModelStatus, words: str) -> None:
    assert state_words(model) == words


def test_what_a_model_would_take_stands_in_brackets_until_it_is_loaded() -> None:
    assert model_row(replace(READY, state="idle"))[3:5] == ("(512 MiB)", "")
    assert model_row(replace(READY, state="unavailable", bytes=None))[3] == ""
    assert model_row(READY)[3:5] == ("512 MiB", "0 of 4")


def test_use_says_who_works_who_waits_and_what_broke() -> None:
    assert use_words(replace(READY, leases=4, waiting=2, restarts=1)) == "4 of 4, 2 waiting, 1 restarted"


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (READY, "9 min 30 s"),
        (replace(READY, idle_s=None), ""),
        (replace(READY, idle_s=1000.0), "0 s"),
        (replace(READY, warm=True), "warm"),
        (replace(READY, warm=True, pinned=True), "pinned"),
    ],
)
def test_how_long_it_stays(model: ModelStatus, words: str) -> None:
    assert stay_words(model) == words
