"""What happens in a child happens to that child alone, and the server hears of it at once."""

import asyncio
import logging
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path

import pytest
import uvloop

from alive_core.adapters.jobs import ChatJob, Message, Tool
from alive_core.engines.child import frames
from alive_core.engines.child.host import ChildEngine
from alive_core.engines.child.supervision import Patience
from alive_core.errors import ConfigurationError, EngineCrashed, InvalidRequest, LoadFailed, PayloadTooLarge
from alive_core.profiles.profile import Target
from alive_core.testing.scripted import ScriptedAdapter
from support import orphan_maker
from support.adapters import Surrogate, Unimportable
from support.broken_import import NeedsLibrary
from support.jobs import all_events, chat_job, next_word, say, text_of

StartChild = Callable[..., Awaitable[ChildEngine]]
TARGET = Target("scripted", name="actor")
WITHIN_S = 5.0
AT_ONCE_S = 1.0  # measured: 5 ms; a busy machine takes longer


def is_gone(pid: int) -> bool:
    """No process and no zombie."""
    return not Path(f"/proc/{pid}").exists()


def children_of_this_process() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split())


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_a_killed_child_ends_its_jobs_at_once_and_says_why(start_child: StartChild) -> None:
    engine = await start_child()
    runs = [engine.run(chat_job("begun\n/wait", str(number))) for number in range(3)]
    for events in runs:
        assert await next_word(events) == "begun"
    killed = time.monotonic()
    os.kill(engine.pid, signal.SIGKILL)
    for events in runs:
        with pytest.raises(EngineCrashed, match=r"'actor' was ended by signal 9 \(SIGKILL"):
            await anext(events)
    assert time.monotonic() - killed < AT_ONCE_S
    await asyncio.wait_for(engine.wait_ended(), WITHIN_S)
    assert not engine.is_alive
    await engine.close()
    assert is_gone(engine.pid)


async def test_what_was_said_before_the_end_is_heard(start_child: StartChild) -> None:
    engine = await start_child()
    heard: list[str] = []
    with pytest.raises(EngineCrashed, match="exit status 7"):
        async for event in engine.run(chat_job("/repeat 50 word\n/exit 7")):
            heard.append(text_of([event]))
    assert "".join(heard) == "word" * 50


async def test_a_native_crash_is_named_and_its_last_words_are_logged(
    start_child: StartChild, caplog: pytest.LogCaptureFixture
) -> None:
    engine = await start_child()
    with pytest.raises(EngineCrashed, match="SIGSEGV"):
        await say(engine, f"/print what a pity\n/kill {int(signal.SIGSEGV)}")
    await engine.close()
    errors = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert any("what a pity" in words and "Fatal Python error: Segmentation fault" in words for words in errors)


async def test_a_stopped_child_is_noticed(start_child: StartChild) -> None:
    engine = await start_child(stall_s=0.5)
    events = engine.run(chat_job("begun\n" + "/sleep 0.05\nword\n" * 1000))
    await next_word(events)
    os.kill(engine.pid, signal.SIGSTOP)
    with pytest.raises(EngineCrashed, match=r"no progress for 0.5 s"):
        async with asyncio.timeout(WITHIN_S):
            async for _ in events:
                pass
    await engine.close()
    assert is_gone(engine.pid)


async def test_a_blocked_child_is_noticed_and_ends_all_its_jobs(start_child: StartChild) -> None:
    engine = await start_child(stall_s=0.5)
    async with asyncio.timeout(WITHIN_S):
        outcomes = await asyncio.gather(
            say(engine, "/wait", "bystander"), say(engine, "begun\n/block 3600", "blocker"), return_exceptions=True
        )
    assert [type(outcome) for outcome in outcomes] == [EngineCrashed, EngineCrashed]


async def test_slow_work_with_signs_of_life_is_left_alone(start_child: StartChild) -> None:
    engine = await start_child(stall_s=1.0)
    answer, _ = await asyncio.gather(
        say(engine, "/sleep 1.5\nslow", "silent"),  # longer than the limit, but the other one speaks meanwhile
        say(engine, "/sleep 0.1\n/progress 1 9\n" * 16 + "done"),
    )
    assert answer == "slow"


async def test_an_idle_child_owes_nothing(start_child: StartChild) -> None:
    engine = await start_child(stall_s=0.2)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(engine.wait_ended(), 0.6)
    assert await say(engine, "here") == "here"


async def test_a_slow_reader_costs_bounded_memory_and_holds_up_nobody(start_child: StartChild, journal: Path) -> None:
    engine = await start_child(stall_s=1.0)
    async with aclosing(engine.run(chat_job("/repeat 50000 word", "slow"))) as slow:
        assert await next_word(slow) == "word"
        assert await say(engine, "/repeat 20000 x", "quick") == "x" * 20000
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(engine.wait_ended(), 1.5)  # nor does it count as hung
        assert "end slow" not in journal.read_text()  # the child waits for the reader
        assert len([event async for event in slow]) == 50000 + 1
    assert "end slow" in journal.read_text()


async def test_a_crash_while_loading_fails_the_load(start_child: StartChild) -> None:
    with pytest.raises(LoadFailed, match="'actor' ended by itself with exit status 3"):
        await start_child(load="exit")


async def test_a_load_that_blocks_is_given_up(start_child: StartChild) -> None:
    before = children_of_this_process()
    with pytest.raises(LoadFailed, match=r"no progress for 0.4 s"):
        await start_child(stall_s=0.4, load="block")
    assert children_of_this_process() == before


async def test_p18_a_load_that_makes_progress_may_take_far_longer_than_the_limit(start_child: StartChild) -> None:
    began = time.monotonic()
    engine = await start_child(stall_s=0.8, load_steps=20, load_s=2.0)
    assert time.monotonic() - began > 2.0
    assert await say(engine, "here") == "here"


async def test_a_load_nobody_waits_for_leaves_nothing() -> None:
    before, files = children_of_this_process(), open_files()
    heard = asyncio.Event()
    target = Target("scripted", name="actor", options={"load": "wait", "load_steps": 1})
    load = asyncio.ensure_future(ChildEngine.start(ScriptedAdapter, target, on_progress=lambda _: heard.set()))
    await asyncio.wait_for(heard.wait(), WITHIN_S)
    load.cancel()
    with pytest.raises(asyncio.CancelledError):
        await load
    assert (children_of_this_process(), open_files()) == (before, files)


async def test_a_child_that_does_not_close_is_killed(start_child: StartChild) -> None:
    engine = await start_child()
    engine._patience = Patience(close_s=0.2)
    events = engine.run(chat_job("begun\n/block 3600"))
    await next_word(events)
    await asyncio.wait_for(engine.close(), WITHIN_S)
    assert is_gone(engine.pid)
    with pytest.raises(EngineCrashed, match="closed"):
        await anext(events)


async def test_starting_and_closing_leaves_no_process_and_no_file_behind(start_child: StartChild) -> None:
    await (await start_child()).close()  # what the first one costs for good is not counted
    before, files = children_of_this_process(), open_files()
    engines = await asyncio.gather(*(start_child() for _ in range(10)))
    assert len(children_of_this_process()) == len(before) + 10
    await asyncio.gather(*(engine.close() for engine in engines))
    assert (children_of_this_process(), open_files()) == (before, files)


async def test_a_child_of_another_version_is_refused() -> None:
    with pytest.raises(LoadFailed, match=r"not of one version.*Restart the server"):
        await ChildEngine.start(ScriptedAdapter, Target("scripted", name="old"), worker="support.odd_worker")


async def test_a_child_that_says_nothing_is_given_up() -> None:
    target = Target("scripted", name="mute")
    with pytest.raises(LoadFailed, match=r"said nothing within 0.5 s"):
        await ChildEngine.start(ScriptedAdapter, target, worker="support.odd_worker", patience=Patience(hello_s=0.5))


@pytest.mark.parametrize("name", ["huge", "garbled"])
async def test_a_child_that_cannot_be_read_is_ended(name: str) -> None:
    with pytest.raises(LoadFailed, match="cannot be read"):
        await ChildEngine.start(ScriptedAdapter, Target("scripted", name=name), worker="support.odd_worker")


async def test_an_adapter_that_a_child_cannot_find_is_refused_before_the_start() -> None:
    class Local(ScriptedAdapter):
        """Inside a function."""

    for adapter in (Local, Unimportable):
        with pytest.raises(ConfigurationError, match="top level of a module"):
            await ChildEngine.start(adapter, TARGET)


async def test_an_adapter_whose_import_fails_in_the_child_says_why() -> None:
    with pytest.raises(LoadFailed, match=r"cannot import adapter support.broken_import:NeedsLibrary.*heavy_library"):
        await ChildEngine.start(NeedsLibrary, TARGET)


async def test_a_job_that_fits_no_frame_is_refused_and_the_engine_goes_on(
    start_child: StartChild, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = await start_child()
    monkeypatch.setattr(frames, "FRAME_LIMIT_BYTES", 1000)
    with pytest.raises(PayloadTooLarge, match="limit of 1000 bytes"):
        await say(engine, "x" * 2000)
    assert await say(engine, "short") == "short"


async def test_a_job_with_a_number_of_more_than_64_bits_is_refused_and_the_engine_goes_on(
    start_child: StartChild,
) -> None:
    engine = await start_child()
    job = ChatJob("a", (Message("user", "x"),), tools=(Tool("f", parameters={"maximum": 2**70}),))
    with pytest.raises(InvalidRequest):
        await all_events(engine, job)
    assert await say(engine, "next") == "next"


async def test_an_answer_that_cannot_be_sent_ends_its_job_alone() -> None:
    engine = await ChildEngine.start(Surrogate, TARGET)
    for _ in range(2):
        with pytest.raises(EngineCrashed, match="cannot be sent on"):
            await say(engine, "")
    await engine.close()


async def test_what_a_child_prints_is_logged_under_its_targets_name(
    start_child: StartChild, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    engine = await start_child()
    await say(engine, "/print llm_load: 32 layers")
    await engine.close()
    assert "[actor] llm_load: 32 layers" in caplog.messages


async def test_signals_of_the_terminal_and_of_the_service_are_left_to_the_server(start_child: StartChild) -> None:
    engine = await start_child()
    assert os.getsid(engine.pid) == engine.pid
    for left_alone in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(engine.pid, left_alone)
    assert await say(engine, "here") == "here"


async def test_a_child_is_the_first_to_go_when_memory_ends_and_is_measured(start_child: StartChild) -> None:
    engine = await start_child()
    assert Path(f"/proc/{engine.pid}/oom_score_adj").read_text(encoding="ascii").strip() == "1000"
    assert 5e6 < (engine.memory_bytes() or 0) < 60e6
    await engine.close()
    assert engine.memory_bytes() is None


def test_a_child_works_under_uvloop_too() -> None:
    async def talk() -> str:
        engine = await ChildEngine.start(ScriptedAdapter, TARGET)
        answer = await say(engine, "/repeat 20000 x")
        with pytest.raises(EngineCrashed, match="exit status 1"):
            await say(engine, "begun\n/exit 1")
        await engine.close()
        assert is_gone(engine.pid)
        return answer

    assert uvloop.run(talk()) == "x" * 20000


def test_a_child_does_not_outlive_a_server_that_is_killed() -> None:
    search = os.pathsep.join(path for path in sys.path if path)
    command = [sys.executable, "-m", orphan_maker.__name__]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": search}
    ) as server:
        assert server.stdout is not None
        child = os.pidfd_open(int(server.stdout.readline()))
        try:
            assert select.select([child], [], [], 0)[0] == []  # it runs, and its loop is blocked
            server.kill()
            assert select.select([child], [], [], WITHIN_S)[0] == [child]  # readable: it has ended
        finally:
            os.close(child)
