"""All answers of one model in one thread, in rounds: each takes one step, then the next one.

A step is a piece of a prompt or one token, so answers share the engine fairly, a new one begins with the next round,
and one that nobody waits for any more ends before its next step. The engine's own batching is not used: see
docs/decisions/0016-chat-through-onnxruntime-genai.md.

The engine keeps Python's global lock while it works, so the event loop of this process stands still during a step.
After each round the thread waits until what was heard has been passed on, or else a piece of text would reach the
client many tokens later.
"""

import asyncio
import threading
import time
from collections import Counter, deque
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence

import msgspec

from alive_core import AliveError, EngineCrashed, Progress, TokenLogprob
from providers_server.adapters.chat_model import ChatModel, Writing
from providers_server.adapters.chat_sampling import LogitRules, Option, token_logprob
from providers_server.constants import HANDOVER_S, QUEUE_PROGRESS_S

CLOSED = "The model was unloaded; please send the request again."


class Wish(msgspec.Struct, frozen=True):
    """One answer to write."""

    choice: int
    prompt: tuple[int, ...]
    options: Mapping[str, Option]
    rules: LogitRules
    grammar: str | None = None
    top_logprobs: int | None = None


class PromptStep(msgspec.Struct, frozen=True):
    """So many tokens of the prompt have been read."""

    done: int


class Chosen(msgspec.Struct, frozen=True):
    """The next token of an answer."""

    token: int
    logprob: TokenLogprob | None = None


class Ended(msgspec.Struct, frozen=True):
    """Nothing more comes from this answer."""

    error: AliveError | None = None


Step = PromptStep | Chosen | Ended


class Run:
    """An answer on its way. `stop` and `pass_on` are the only methods for other threads."""

    def __init__(self, wish: Wish, hear: Callable[["Run", Step], None]) -> None:
        self.wish = wish
        self.is_started = False
        self._hear = hear
        self._is_stopped = False
        self._told = 0
        self._passed_on = 0
        self._writing: Writing | None = None
        self._read = 0
        self._chosen: Counter[int] = Counter()

    def stop(self) -> None:
        """Nobody waits for it any more."""
        self._is_stopped = True

    def pass_on(self) -> None:
        """Who hears the steps is through with one more of them."""
        self._passed_on += 1

    @property
    def backlog(self) -> int:
        """How many steps were told and not yet passed on; none where nobody listens any more."""
        return 0 if self._is_stopped else self._told - self._passed_on

    def step(self, model: ChatModel) -> bool:
        """One step; whether there are more. Errors are told, never raised."""
        try:
            ended = self._is_stopped or self._advance(model)
        except AliveError as error:
            return self.end(error)
        except Exception as error:  # noqa: BLE001 - the engine raises RuntimeError and more; other answers go on
            return self.end(EngineCrashed(f"The engine failed: {error}"))
        return self.end() if ended else True

    def end(self, error: AliveError | None = None) -> bool:
        """Let go of the engine's memory and say so; returns False, for there are no more steps."""
        self._writing = None
        self._tell(Ended(error))
        return False

    def _tell(self, step: Step) -> None:
        self._told += 1
        self._hear(self, step)

    def _advance(self, model: ChatModel) -> bool:
        if self._writing is None:
            self.is_started = True
            self._writing = model.start(self.wish.options, self.wish.grammar)
        if self._read < len(self.wish.prompt):
            self._read = self._writing.read(self.wish.prompt, self._read)
            self._tell(PromptStep(self._read))
            return False
        self._tell(self._choose(model, self._writing))
        return self._writing.is_done

    def _choose(self, model: ChatModel, writing: Writing) -> Chosen:
        top, rules = self.wish.top_logprobs, self.wish.rules
        if top is None and rules.is_idle:
            return Chosen(writing.next_token())
        logits = writing.logits()
        own = logits.copy()
        if not rules.is_idle:
            rules.apply(logits, self._chosen)
            writing.set_logits(logits)
        token = writing.next_token()
        self._chosen[token] += 1
        if top is None:
            return Chosen(token)
        return Chosen(token, token_logprob(own, token, top=top, vocabulary=model.vocabulary))


class Rounds:
    """The thread, and who waits for it: at most `parallel` answers take turns, the others stand in line."""

    def __init__(self, model: ChatModel, *, parallel: int) -> None:
        self._model = model
        self._parallel = parallel
        self._waiting: deque[Run] = deque()
        self._writing: list[Run] = []
        self._has_work = threading.Condition()
        self._has_passed_on = threading.Event()
        self._is_closed = False
        self._steps = 0
        self._thread = threading.Thread(target=self._work, name="chat", daemon=True)
        self._thread.start()

    def __repr__(self) -> str:
        return f"<Rounds {len(self._writing)} of {self._parallel} writing, {len(self._waiting)} waiting>"

    async def run(self, wishes: Sequence[Wish]) -> AsyncGenerator[tuple[int, Step] | Progress, None]:
        """Each choice's steps, as they come, until all have ended.

        Closing the generator stops the answers and returns when the engine has let go of them. Raises errors of the
        AliveError tree.
        """
        self.check_open()
        loop = asyncio.get_running_loop()
        heard: asyncio.Queue[tuple[Run, Step]] = asyncio.Queue()

        def hear(run: Run, step: Step) -> None:
            loop.call_soon_threadsafe(heard.put_nowait, (run, step))

        runs = {wish.choice: Run(wish, hear) for wish in wishes}
        unfinished = set(runs)
        self._submit(list(runs.values()))
        try:
            while unfinished:
                item = await self._next(heard, list(runs.values()))
                if isinstance(item, Progress):
                    yield item
                    continue
                run, step = item
                if isinstance(step, Ended):
                    unfinished.discard(run.wish.choice)
                    if step.error is not None:
                        raise step.error
                yield run.wish.choice, step
                run.pass_on()
                self._has_passed_on.set()
        finally:
            unfinished -= self._withdraw(runs.values())
            while unfinished:
                run, step = await heard.get()
                if isinstance(step, Ended):
                    unfinished.discard(run.wish.choice)

    def check_open(self) -> None:
        """Raise EngineCrashed once `close` has begun."""
        if self._is_closed:
            raise EngineCrashed(CLOSED)

    def close(self) -> None:
        """End every answer and the thread. Blocks for at most one step and its handover; may be called twice."""
        with self._has_work:
            self._is_closed = True
            self._has_work.notify()
        self._thread.join()

    def _submit(self, runs: Sequence[Run]) -> None:
        with self._has_work:
            if self._is_closed:
                raise EngineCrashed(CLOSED)
            self._waiting.extend(runs)
            self._has_work.notify()

    def _withdraw(self, runs: Collection[Run]) -> set[int]:
        """Stop `runs`; returns the choices that were still in line, of which nothing will be heard."""
        for run in runs:
            run.stop()
        self._has_passed_on.set()
        with self._has_work:
            waiting = [run for run in runs if run in self._waiting]
            for run in waiting:
                self._waiting.remove(run)
        return {run.wish.choice for run in waiting}

    async def _next(
        self, heard: "asyncio.Queue[tuple[Run, Step]]", runs: Sequence[Run]
    ) -> tuple[Run, Step] | Progress:
        """What has come; or, while answers stand in line and the engine is at work, word of that."""
        if not heard.empty() or all(run.is_started for run in runs):
            return await heard.get()
        while True:
            seen = self._steps
            try:
                async with asyncio.timeout(QUEUE_PROGRESS_S):
                    return await heard.get()
            except TimeoutError:
                if self._steps != seen:
                    return Progress("queue", done=0)

    def _work(self) -> None:
        while self._take():
            self._steps += 1
            up_to_date = [run for run in self._writing if not run.backlog]
            self._writing = [run for run in self._writing if run.step(self._model)]
            self._wait_for(up_to_date)
        for run in (*self._writing, *self._waiting):
            run.end(EngineCrashed(CLOSED))
        self._writing.clear()
        self._waiting.clear()

    def _wait_for(self, runs: Sequence[Run]) -> None:
        """Until their steps are passed on, or for `HANDOVER_S`. Who was behind before is not waited for."""
        until = time.monotonic() + HANDOVER_S
        while any(run.backlog for run in runs) and (left_s := until - time.monotonic()) > 0:
            self._has_passed_on.wait(left_s)
            self._has_passed_on.clear()

    def _take(self) -> bool:
        """Let waiting answers in as there is room; wait where there is nothing to do. False once closed."""
        with self._has_work:
            while not (self._waiting or self._writing or self._is_closed):
                self._has_work.wait()
            while self._waiting and len(self._writing) < self._parallel:
                self._writing.append(self._waiting.popleft())
            return not self._is_closed
