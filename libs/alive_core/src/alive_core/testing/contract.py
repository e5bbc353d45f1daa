"""What every adapter must do, as tests to inherit. See `docs/writing-an-adapter.md`.

    class TestEchoAdapter(AdapterContract):
        adapter = EchoAdapter

        def target(self, folder: Path) -> Target:
            return Target("echo", name="echo")

pytest collects the inherited methods; each runs its own event loop, so no plugin is needed. Asserts carry sentences,
because pytest explains only those of test files.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import ClassVar, TypeVar, get_args

import msgspec

from alive_core.adapters.events import (
    ChoiceFinished,
    Event,
    Finished,
    Labels,
    ReasoningDelta,
    Scores,
    TextDelta,
    Tokens,
    ToolCallDelta,
    Vectors,
)
from alive_core.adapters.jobs import DetokenizeJob, Job, TokenizeJob
from alive_core.adapters.protocols import TASK_OF_JOB, Adapter, abilities_of
from alive_core.engines.engine import Engine
from alive_core.engines.start import start_engine
from alive_core.errors import AliveError, LoadFailed, ModelUnavailable
from alive_core.profiles.profile import EnginePlace, Target
from alive_core.testing.sample_jobs import (
    SENTENCES,
    choices_of,
    covered_by,
    default_jobs,
    inputs_of,
    jobs_without_method,
    usage_mistakes,
    usage_of,
)

Result = TypeVar("Result")
EVENT_TYPES: tuple[type[Event], ...] = get_args(Event)
WITHIN_S = 60.0  # an answer of a few tokens that takes longer hangs
WORDS_THAT_EXPLAIN = 3  # fewer are a name and no explanation
HEAVY_MODULES = frozenset(
    {
        "ctransformers",
        "llama_cpp",
        "numpy",
        "onnxruntime",
        "onnxruntime_genai",
        "optimum",
        "tensorflow",
        "tokenizers",
        "torch",
        "transformers",
        "vllm",
        "xllamacpp",
    }
)
"""What belongs into `load`: a service imports its adapters at start, whether they are ever used or not."""


class AdapterContract:
    """Inherit it, name the class, build a target; override the rest where your adapter is special."""

    adapter: ClassVar[type[Adapter]]
    """The class under test."""
    places: ClassVar[tuple[EnginePlace, ...]] = ("inline", "child")
    """Where it must work."""
    heavy_modules: ClassVar[frozenset[str]] = HEAVY_MODULES
    """What importing the adapter must not import."""
    is_repeatable: ClassVar[bool] = True
    """The same job gives the same answer, also beside other jobs. False skips no test, but compares less."""

    def target(self, folder: Path) -> Target:
        """A target that loads fast; `folder` is empty and the test's own."""
        raise NotImplementedError("Give your contract class a method `target(self, folder)` that returns a Target.")

    def jobs(self, target: Target) -> Sequence[Job]:
        """Some short jobs of every task that the target can do; `id`s differ."""
        return default_jobs(abilities_of(self.adapter, target))

    def refused_jobs(self, target: Target) -> Sequence[Job]:  # noqa: ARG002 - for those who override it
        """Jobs that the adapter itself has to refuse with an error of ours; none where it takes everything."""
        return ()

    def broken_targets(self, folder: Path) -> Sequence[Target]:
        """Targets whose load must fail with LoadFailed: by default a path that is gone, empty, or something else."""
        target = self.target(folder)
        if target.path is None:
            return ()
        (folder / "empty").touch()
        (folder / "noise").write_bytes(bytes(range(256)) * 64)
        (folder / "no-files").mkdir()
        names = ("gone", "empty", "noise", "no-files")
        return [msgspec.structs.replace(target, path=str(folder / name)) for name in names]

    # --- The contract ---

    def test_every_answer_ends_with_exactly_one_finished(self, tmp_path: Path) -> None:
        """Asked directly, without an engine that would complain first."""

        async def check() -> None:
            async with self._loaded(self.target(tmp_path)) as adapter:
                for job in self.jobs(self.target(tmp_path)):
                    events = await _all(_begin(adapter, job))
                    strange = [event for event in events if not isinstance(event, EVENT_TYPES)]
                    assert not strange, f"{job} gave what is no event: {strange}"
                    ends = [number for number, event in enumerate(events) if isinstance(event, Finished)]
                    assert ends == [len(events) - 1], f"{job} must end with one Finished, but gave {events}"

        _run(check())

    def test_every_choice_is_finished_once(self, tmp_path: Path) -> None:
        """Generated text says why it ends, once for each choice, and nothing follows in that choice."""

        async def check() -> None:
            async with self._loaded(self.target(tmp_path)) as adapter:
                for job in self.jobs(self.target(tmp_path)):
                    wanted = list(range(choices_of(job)))
                    events = await _all(_begin(adapter, job))
                    finished = sorted(event.index for event in events if isinstance(event, ChoiceFinished))
                    assert finished == wanted, f"{job} finished the choices {finished}, not {wanted}"
                    over: set[int] = set()
                    for event in events:
                        if isinstance(event, TextDelta | ReasoningDelta | ToolCallDelta):
                            assert event.index not in over, f"{job} went on with choice {event.index} after its end"
                        if isinstance(event, ChoiceFinished):
                            over.add(event.index)

        _run(check())

    def test_every_input_is_answered_once(self, tmp_path: Path) -> None:
        """Vectors, scores and labels cover each input exactly once."""

        async def check() -> None:
            async with self._loaded(self.target(tmp_path)) as adapter:
                for job in self.jobs(self.target(tmp_path)):
                    covered = sorted(covered_by(await _all(_begin(adapter, job))))
                    assert covered == list(range(inputs_of(job))), f"{job} answered the inputs {covered}"

        _run(check())

    def test_tokens_put_together_are_cut_the_same_again(self, tmp_path: Path) -> None:
        """Where it shows its tokens; the text may come back in lower case, but as the same tokens."""

        async def check() -> None:
            target = self.target(tmp_path)
            if not {"tokenize", "detokenize"} <= abilities_of(self.adapter, target).tasks:
                return
            async with self._loaded(target) as adapter:
                for text in SENTENCES:
                    first = await self._tokens_of(adapter, text)
                    put = await _all(_begin(adapter, DetokenizeJob("put", first)))
                    together = "".join(event.text for event in put if isinstance(event, TextDelta))
                    again = await self._tokens_of(adapter, together)
                    assert again == first, f"{text!r} is {first}, which is {together!r}, which is {again}"

        _run(check())

    def test_an_answer_that_is_left_ends_and_the_next_one_works(self, tmp_path: Path) -> None:
        """Closed after its first event, in each place."""

        async def check(place: EnginePlace) -> None:
            async with self._engine(self.target(tmp_path), place) as engine:
                for job in self.jobs(self.target(tmp_path)):
                    async with asyncio.timeout(WITHIN_S):
                        async with aclosing(engine.run(job)) as events:
                            await anext(events)
                        assert isinstance((await _all(engine.run(job)))[-1], Finished), f"{place}: {job} did not end"

        self._in_each_place(check)

    def test_many_closings_at_any_moment_leave_it_working(self, tmp_path: Path) -> None:
        """Each job is left after one event, then after two, and so on."""

        async def check(place: EnginePlace) -> None:
            async with self._engine(self.target(tmp_path), place) as engine:
                for job in self.jobs(self.target(tmp_path)):
                    for wanted in range(1, len(await _all(engine.run(job)))):
                        async with asyncio.timeout(WITHIN_S), aclosing(engine.run(job)) as events:
                            for _ in range(wanted):
                                await anext(events, None)
                    assert engine.is_alive, f"{place}: the engine ended when {job} was left"

        self._in_each_place(check)

    def test_a_broken_model_is_load_failed_with_a_sentence(self, tmp_path: Path) -> None:
        """Foreign errors of a load arrive as ours, already from `load` itself."""

        async def check() -> None:
            for target in self.broken_targets(tmp_path):
                error = await _error_of(self.adapter.load(target))
                assert isinstance(error, LoadFailed), f"load of {target.path} raised {error!r}, not LoadFailed"
                assert len(str(error).split()) >= WORDS_THAT_EXPLAIN, f"{error!r} does not say what is wrong"

        _run(check())

    def test_a_refused_job_is_our_error_and_the_next_one_works(self, tmp_path: Path) -> None:
        """What the adapter refuses, and a task that it has no method for."""

        async def check(place: EnginePlace) -> None:
            target = self.target(tmp_path)
            async with self._engine(target, place) as engine:
                for job in self.refused_jobs(target):
                    error = await _error_of(_all(engine.run(job)))
                    assert isinstance(error, AliveError), f"{place}: {job} was not refused, but gave {error!r}"
                for job in jobs_without_method(self.adapter):
                    error = await _error_of(_all(engine.run(job)))
                    assert isinstance(error, ModelUnavailable), f"{place}: {job} raised {error!r}"
                for job in self.jobs(target)[:1]:
                    await _all(engine.run(job))

        self._in_each_place(check)

    def test_closing_twice_is_fine(self, tmp_path: Path) -> None:
        """Also two closings at once, and one while a job runs."""

        async def check() -> None:
            adapter = await self.adapter.load(self.target(tmp_path))
            await asyncio.gather(adapter.close(), adapter.close())
            await adapter.close()

        async def check_while_working(place: EnginePlace) -> None:
            target = self.target(tmp_path)
            async with self._engine(target, place) as engine:
                async with asyncio.timeout(WITHIN_S), aclosing(engine.run(self.jobs(target)[0])) as events:
                    await anext(events)
                    await engine.close()
                await engine.close()
                assert not engine.is_alive, f"{place}: the engine is alive after its close"

        _run(check())
        self._in_each_place(check_while_working)

    def test_importing_it_loads_nothing_heavy(self) -> None:
        """A fresh interpreter imports the adapter's module; model libraries wait for `load`."""
        path = os.pathsep.join(entry for entry in sys.path if entry)
        program = f"import json, sys, {self.adapter.__module__}; print(json.dumps(sorted(sys.modules)))"
        done = subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=True,
        )
        heavy = sorted(self.heavy_modules & set(json.loads(done.stdout)))
        assert not heavy, f"importing {self.adapter.__module__} imports {', '.join(heavy)}: do that in `load`"

    def test_usage_adds_up(self, tmp_path: Path) -> None:
        """Counts fit each other, the job's limits, and the same prompt's count before."""

        async def check() -> None:
            async with self._loaded(self.target(tmp_path)) as adapter:
                for job in self.jobs(self.target(tmp_path)):
                    first, second = [await _all(_begin(adapter, job)) for _ in range(2)]
                    mistakes = usage_mistakes(job, first)
                    assert not mistakes, f"{job}: {'; '.join(mistakes)}"
                    counts = [usage_of(events).prompt_tokens for events in (first, second)]
                    assert counts[0] == counts[1], f"the prompt of {job} has {counts[0]} tokens, then {counts[1]}"

        _run(check())

    def test_concurrent_jobs_do_not_mix(self, tmp_path: Path) -> None:
        """All jobs at once, twice over, give what each gives alone."""

        async def check(place: EnginePlace) -> None:
            target = self.target(tmp_path)
            async with self._engine(target, place) as engine:
                jobs = [*self.jobs(target)] * 2
                alone = [self._said(await _all(engine.run(job))) for job in jobs]
                async with asyncio.timeout(WITHIN_S):
                    together = await asyncio.gather(*(_all(engine.run(job)) for job in jobs))
                for job, before, events in zip(jobs, alone, together, strict=True):
                    assert self._said(events) == before, f"{place}: {job} answered differently beside others"

        self._in_each_place(check)

    def test_it_behaves_the_same_inline_and_in_a_child(self, tmp_path: Path) -> None:
        """The answers of each job, place by place."""

        async def answers(place: EnginePlace) -> list[object]:
            target = self.target(tmp_path)
            async with self._engine(target, place) as engine:
                return [self._said(await _all(engine.run(job))) for job in self.jobs(target)]

        first, *others = [_run(answers(place)) for place in self.places]
        assert all(other == first for other in others), f"{first} in one place, {others} in another"

    def test_what_it_says_it_can_do_it_has_a_method_for(self, tmp_path: Path) -> None:
        """Each task of its abilities, without loading anything."""
        tasks = abilities_of(self.adapter, self.target(tmp_path)).tasks
        missing = [task for task in sorted(tasks) if not callable(getattr(self.adapter, task, None))]
        assert tasks, f"{self.adapter.__name__} can do nothing: give it a method named after a task"
        assert not missing, f"{self.adapter.__name__} says it can {missing}, but has no such method"

    # --- Inside ---

    def _said(self, events: Sequence[Event]) -> object:
        """The answer as a client would see it: how text was cut is of no account, nor what came from a cache."""
        texts: dict[tuple[str, int], str] = {}
        rest: list[Event] = []
        for event in events:
            match event:
                case TextDelta() | ReasoningDelta():
                    kind = (type(event).__name__, event.index)
                    texts[kind] = texts.get(kind, "") + event.text
                case ChoiceFinished() | Vectors() | Scores() | Labels():
                    rest.append(event)
        usage = usage_of(events)
        counts = (usage.prompt_tokens, usage.completion_tokens)
        return (texts, rest, counts) if self.is_repeatable else (sorted(texts), len(rest), usage.prompt_tokens)

    async def _tokens_of(self, adapter: Adapter, text: str) -> tuple[int, ...]:
        cut = await _all(_begin(adapter, TokenizeJob("cut", text)))
        return next(event.ids for event in cut if isinstance(event, Tokens))

    def _in_each_place(self, check: Callable[[EnginePlace], Coroutine[None, None, None]]) -> None:
        for place in self.places:
            _run(check(place))

    @asynccontextmanager
    async def _loaded(self, target: Target) -> AsyncIterator[Adapter]:
        adapter = await self.adapter.load(target)
        try:
            yield adapter
        finally:
            await adapter.close()

    @asynccontextmanager
    async def _engine(self, target: Target, place: EnginePlace) -> AsyncIterator[Engine]:
        engine = await start_engine(self.adapter, msgspec.structs.replace(target, engine=place))
        try:
            yield engine
        finally:
            await engine.close()


def _begin(adapter: Adapter, job: Job) -> AsyncIterator[Event]:
    events: AsyncIterator[Event] = getattr(adapter, TASK_OF_JOB[type(job)])(job)
    return events


async def _all(events: AsyncIterator[Event]) -> list[Event]:
    async with asyncio.timeout(WITHIN_S):
        return [event async for event in events]


async def _error_of(work: Awaitable[object]) -> BaseException | None:
    """What it raises; `None` where it raises nothing."""
    try:
        await work
    except Exception as error:  # noqa: BLE001 - whatever it is, the test looks at it
        return error
    return None


def _run(work: Coroutine[None, None, Result]) -> Result:
    return asyncio.run(work)
