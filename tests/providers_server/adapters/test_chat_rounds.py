"""The thread that writes all answers by turns, on a model that counts its steps."""

from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from typing import cast

import pytest

from providers_server.adapters import chat_rounds
from providers_server.adapters.chat_model import ChatModel
from providers_server.adapters.chat_rounds import Chosen, Ended, PromptStep, Rounds, Step, Wish
from providers_server.adapters.chat_sampling import LogitRules

LONG_S = 60.0
PROMPT = (1, 2)
TOKENS = 50


class CountingModel:
    """Its answers are the numbers from 1 to `TOKENS`; `steps` counts what all of them took."""

    def __init__(self) -> None:
        self.steps = 0

    def start(self, options: object, grammar: object) -> "CountingWriting":
        return CountingWriting(self)


class CountingWriting:
    def __init__(self, model: CountingModel) -> None:
        self._model = model
        self._token = 0

    def read(self, tokens: tuple[int, ...], start: int) -> int:
        self._model.steps += 1
        return start + 1

    def next_token(self) -> int:
        self._model.steps += 1
        self._token += 1
        return self._token

    @property
    def is_done(self) -> bool:
        return self._token == TOKENS


@contextmanager
def rounds_on(model: CountingModel) -> Iterator[Rounds]:
    rounds = Rounds(cast("ChatModel", model), parallel=2)
    try:
        yield rounds
    finally:
        rounds.close()


def wish(choice: int = 0) -> Wish:
    return Wish(choice=choice, prompt=PROMPT, options={}, rules=LogitRules())


async def test_each_step_is_passed_on_before_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise text would arrive late: while the engine works, the event loop stands still."""
    monkeypatch.setattr(chat_rounds, "HANDOVER_S", LONG_S)
    model = CountingModel()
    seen: list[tuple[Step, int]] = []
    with rounds_on(model) as rounds:
        async for _, step in rounds.run([wish()]):  # type: ignore[misc]  # nobody waits in line, so no progress
            seen.append((step, model.steps))
    taken = [PromptStep(1), PromptStep(2), *(Chosen(token) for token in range(1, TOKENS + 1))]
    assert seen[:-1] == [(step, number) for number, step in enumerate(taken, 1)]
    assert seen[-1] == (Ended(), len(taken))


async def test_who_takes_nothing_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is waited for once; afterwards only those who are up to date are."""
    monkeypatch.setattr(chat_rounds, "HANDOVER_S", 0.001)
    with rounds_on(CountingModel()) as rounds:
        async with aclosing(rounds.run([wish()])) as idle:
            await anext(idle)
            heard = [step async for _, step in rounds.run([wish(1)])]  # type: ignore[misc]
            assert heard[-2:] == [Chosen(TOKENS), Ended()]
            rest = [step async for _, step in idle]  # type: ignore[misc]
            assert rest[-2:] == [Chosen(TOKENS), Ended()]


async def test_answers_take_turns() -> None:
    with rounds_on(CountingModel()) as rounds:
        order = [choice async for choice, _ in rounds.run([wish(0), wish(1)])]  # type: ignore[misc]
    assert order == [0, 1] * (len(PROMPT) + TOKENS - 1) + [0, 0, 1, 1]


async def test_an_answer_that_is_left_takes_no_more_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_rounds, "HANDOVER_S", LONG_S)
    model = CountingModel()
    with rounds_on(model) as rounds:
        async with aclosing(rounds.run([wish()])) as heard:
            async for _, step in heard:  # type: ignore[misc]
                if step == Chosen(3):
                    break
        assert model.steps == len(PROMPT) + 3
        again = [step async for _, step in rounds.run([wish()])]  # type: ignore[misc]
    assert again[-2:] == [Chosen(TOKENS), Ended()]
