"""What one request takes of its caller's limits: counted before the work, put right after it."""

from contextlib import suppress
from typing import assert_never

from alive_core.access.caller import Caller
from alive_core.access.limits import Balance, Cost, Counts, Kind, Limits, Refusal, balances
from alive_core.access.usage import Usage
from alive_core.adapters.jobs import (
    ChatJob,
    ClassifyJob,
    CompleteJob,
    DetokenizeJob,
    EmbedJob,
    Job,
    RerankJob,
    TokenizeJob,
)
from alive_core.constants import TOKEN_BYTES
from alive_core.errors import Busy, RateLimited
from alive_core.utils.durations import format_duration


class Quota:
    """One request of one caller who has limits. The methods are called in the order in which they stand here."""

    def __init__(self, usage: Usage, caller: Caller, limits: Limits) -> None:
        assert caller.slot is not None
        self._usage, self._slot, self._identity, self._limits = usage, caller.slot, caller.identity, limits
        self._counts: Counts | None = None
        self._reserved = 0
        self.body_bytes = 0
        """How long the request is; whoever reads it adds to this."""

    def enter(self) -> None:
        """Count the request. Raises RateLimited where the limits have no room for it, Busy."""
        self._spend(Cost(requests=1))

    def reserve(self, job: Job) -> None:
        """Count the tokens that `job` may take, before it is known how many. Raises RateLimited, Busy."""
        tokens = estimate(job, body_bytes=self.body_bytes)
        self._spend(Cost(tokens=tokens))
        self._reserved += tokens

    def balances(self, now: float) -> dict[Kind, Balance]:
        """What the caller has left of each kind that is limited. Raises Busy."""
        return balances(self._counts or self._usage.counts(self._slot, self._identity), self._limits, now)

    def settle(self, tokens: int | None) -> None:
        """Put right what was reserved, now that the tokens are known; `None` leaves it as it is."""
        if tokens is None or self._counts is None or tokens == self._reserved:
            return
        with suppress(Busy):  # then the estimate stands
            self._usage.correct(self._slot, self._identity, self._counts, tokens - self._reserved)

    def _spend(self, cost: Cost) -> None:
        spent = self._usage.spend(self._slot, self._identity, self._limits, cost)
        if isinstance(spent, Refusal):
            raise RateLimited(_words(spent), retry_after=spent.wait_s)
        self._counts = spent


def estimate(job: Job, *, body_bytes: int) -> int:
    """Tokens that a request may take, at least 1: those of its text, by its length, and the most it may be answered.

    Where an answer has no maximum, only its prompt is counted beforehand.
    """
    return max(1, body_bytes // TOKEN_BYTES + _answer_tokens(job))


def _answer_tokens(job: Job) -> int:
    match job:
        case ChatJob():
            return (job.sampling.max_tokens or 0) * job.sampling.n
        case CompleteJob():
            return (job.sampling.max_tokens or 0) * job.sampling.n * len(job.prompts)
        case EmbedJob() | RerankJob() | ClassifyJob() | TokenizeJob() | DetokenizeJob():
            return 0
        case _:
            assert_never(job)


def _words(refusal: Refusal) -> str:
    window, limit = refusal.window, refusal.limit
    if refusal.cost > limit:
        return (
            f"This request may take {refusal.cost} {window.kind}, and this key may use {limit} per {window.word}. "
            "Send less, or a smaller maximum for the answer."
        )
    wait = format_duration(refusal.wait_s)
    return f"This key may use {limit} {window.kind} per {window.word}, and they are used up. Try again in {wait}."
