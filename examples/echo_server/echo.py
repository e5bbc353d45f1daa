"""The smallest honest chat adapter: it repeats the last message, word by word."""

from collections.abc import AsyncIterator

from alive_core import ChatJob, ChoiceFinished, Event, Finished, Target, TextDelta, Usage


class EchoAdapter:
    """Needs no model, so there is nothing to load and nothing to free."""

    @classmethod
    async def load(cls, target: Target) -> "EchoAdapter":
        return cls()

    async def chat(self, job: ChatJob) -> AsyncIterator[Event]:
        words = job.messages[-1].content.split()
        for number, word in enumerate(words):
            yield TextDelta(word if number == 0 else f" {word}")
        yield ChoiceFinished("stop")
        yield Finished(Usage(prompt_tokens=len(words), completion_tokens=len(words)))

    async def close(self) -> None:
        pass
