"""The adapter contract: the scripted adapter passes it; a broken one fails the test that is about its mistake."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alive_core import ChatJob, ChoiceFinished, Event, Finished, Message, Target, TextDelta, Usage
from alive_core.adapters.jobs import Job
from alive_core.testing import AdapterContract, ScriptedAdapter
from support.adapters import Liar, Plain


class TestScriptedAdapter(AdapterContract):
    adapter = ScriptedAdapter

    def target(self, folder: Path) -> Target:
        return Target("scripted", name="actor")

    def refused_jobs(self, target: Target) -> list[Job]:
        return [ChatJob("odd", (Message("user", "/dance"),))]

    def broken_targets(self, folder: Path) -> list[Target]:
        return [Target("scripted", name="actor", options={"colour": "red"})]


class Endless(Plain):
    """Forgets the end."""

    async def chat(self, job: ChatJob) -> AsyncIterator[Event]:
        yield TextDelta("a")


class Twice(Plain):
    """Finishes its choice twice, and says more after it."""

    async def chat(self, job: ChatJob) -> AsyncIterator[Event]:
        yield ChoiceFinished("stop")
        yield TextDelta("a")
        yield ChoiceFinished("stop")
        yield Finished(Usage(1, 1))


class Miscounting(Plain):
    """Counts nothing."""

    async def chat(self, job: ChatJob) -> AsyncIterator[Event]:
        yield TextDelta("a")
        yield ChoiceFinished("stop")
        yield Finished(Usage(0))


class Mixing(Plain):
    """Keeps what it says in one place for all jobs."""

    said = ""

    async def chat(self, job: ChatJob) -> AsyncIterator[Event]:
        self.said = job.id
        for _ in range(3):
            await asyncio.sleep(0)
        yield TextDelta(self.said)
        yield ChoiceFinished("stop")
        yield Finished(Usage(1, 1))


class CloseOnce(Plain):
    """Cannot be closed twice."""

    is_closed = False

    async def close(self) -> None:
        if self.is_closed:
            raise RuntimeError("closed already")
        self.is_closed = True


class Careless(Plain):
    """Loads anything."""


CASES = [
    (Liar, "test_every_answer_ends_with_exactly_one_finished", "what is no event"),
    (Endless, "test_every_answer_ends_with_exactly_one_finished", "one Finished"),
    (Twice, "test_every_choice_is_finished_once", r"finished the choices \[0, 0\]"),
    (Miscounting, "test_usage_adds_up", "has no tokens"),
    (Mixing, "test_concurrent_jobs_do_not_mix", "beside others"),
    (CloseOnce, "test_closing_twice_is_fine", "closed already"),
    (Plain, "test_what_it_says_it_can_do_it_has_a_method_for", "can do nothing"),
]


def contract_of(broken: type[Plain]) -> AdapterContract:
    class Contract(AdapterContract):
        adapter = broken
        places = ("inline",)

        def target(self, folder: Path) -> Target:
            return Target("plain", name="plain")

    return Contract()


@pytest.mark.parametrize(("broken", "test", "words"), CASES, ids=[case[0].__name__ + case[1][4:20] for case in CASES])
def test_a_broken_adapter_fails_with_a_sentence(tmp_path: Path, broken: type[Plain], test: str, words: str) -> None:
    with pytest.raises((AssertionError, RuntimeError), match=words):
        getattr(contract_of(broken), test)(tmp_path)


def test_an_import_that_loads_something_heavy_fails() -> None:
    contract = contract_of(Plain)
    type(contract).heavy_modules = frozenset({"asyncio"})
    with pytest.raises(AssertionError, match="imports asyncio: do that in `load`"):
        contract.test_importing_it_loads_nothing_heavy()


def test_a_load_that_takes_anything_fails(tmp_path: Path) -> None:
    contract = contract_of(Careless)
    contract.broken_targets = lambda folder: [Target("plain", path=str(folder))]  # type: ignore[method-assign]
    with pytest.raises(AssertionError, match="not LoadFailed"):
        contract.test_a_broken_model_is_load_failed_with_a_sentence(tmp_path)


def test_a_contract_without_a_target_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotImplementedError, match="returns a Target"):
        AdapterContract().target(tmp_path)
