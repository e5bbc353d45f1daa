"""The smallest honest chat adapter: it repeats the last message, word by word."""

from collections.abc import AsyncIterator

from alive_core import ChatJob, ChoiceFinished, ContextLengthExceeded, Event, Finished, Target, TextDelta, Usage


class EchoAdapter:
    """Needs no model, so there is nothing to load and nothing to free. A token is a word."""

    def __init__(self, context: int | None) -> None:
        self._context = context

    @classmethod
    async def load(cls, target: Target) -> "EchoAdapter":
        return cls(target.context)

    async def chat(self, job: ChatJob) -> AsyncIterator[Event]:
        words = job.messages[-1].content.split()
        if self._context is not None and 2 * len(words) > self._context:
            raise ContextLengthExceeded(
                f"{len(words)} words and their echo do not fit the context window of {self._context} words.",
                param="messages",
            )
        for number, word in enumerate(words):
            yield TextDelta(word if number == 0 else f" {word}")
        yield ChoiceFinished("stop")
        yield Finished(Usage(prompt_tokens=len(words), completion_tokens=len(words)))

    async def close(self) -> None:
        pass
