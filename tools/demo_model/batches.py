"""Turns conversations into padded batches of token numbers, each conversation beginning at position 0."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import Tensor

from tools.demo_model.data import SHARES, Constraint, Sample, Split, conversations
from tools.demo_model.prompt import (
    BOS,
    PAD,
    SPECIAL_TOKENS,
    START_RESPONSE,
    render,
    split_for_loss,
    with_words_before_call,
    without_response_marks,
)

LENGTHS = (32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048)
"""Conversations are padded to one of these. Few shapes: the CPU kernels are compiled once for each."""

DRILL_LENGTHS = (8, 12, 16, 24, 32, 48, 64, 96)
DRILL_LEAD = 48
DRILL_GAP = 48
"""A drill repeats that many tokens; fewer than `DRILL_LEAD` stand before them and than `DRILL_GAP` in between."""


@dataclass(frozen=True)
class Batch:
    """`inputs` (batch, length); `targets` the next tokens, -1 where the model does not write."""

    inputs: Tensor
    targets: Tensor

    def split(self, parts: int) -> list[Batch]:
        """At most that many batches with the rows of this one."""
        pairs = zip(self.inputs.chunk(parts), self.targets.chunk(parts), strict=True)
        return [Batch(inputs, targets) for inputs, targets in pairs]


@dataclass(frozen=True)
class _Encoded:
    tokens: list[int]
    written: list[bool]


def as_written(sample: Sample) -> str:
    """The rendered conversation with its last answer exactly as the grammar lets the model write it."""
    rendered = render(list(sample.messages), tools=list(sample.tools), documents=list(sample.documents))
    if sample.constraint is Constraint.BARE_SCHEMA:
        return without_response_marks(rendered)
    if sample.constraint is Constraint.CALL_AFTER_WORDS:
        return with_words_before_call(rendered, sample.messages[-1].get("content", ""))
    return rendered


_ONLY_FORCED = {
    Constraint.NONE: 0,
    Constraint.SCHEMA: 2,
    Constraint.BARE_SCHEMA: 1,
    Constraint.CALL: 1,
    Constraint.CALL_AFTER_WORDS: 0,
}
"""How many tokens a bound answer begins with that only its grammar may prefer to the usual answer."""


def encode(tokenizer: Tokenizer, sample: Sample) -> _Encoded:
    """Token numbers of a rendered conversation and which of them the model has to write.

    The beginning of a bound answer is not learned: the same question has another answer where nothing binds it.
    """
    tokens: list[int] = []
    written: list[bool] = []
    for text, is_written in split_for_loss(as_written(sample)):
        numbers = tokenizer.encode(text, add_special_tokens=False).ids
        tokens += numbers
        written += [is_written] * len(numbers)
        last = len(numbers)
    for place in range(_ONLY_FORCED[sample.constraint]):
        written[place - last] = False
    return _Encoded(tokens, written)


def _padded(encoded: list[_Encoded], length: int, *, padding: int) -> Batch:
    inputs = torch.full((len(encoded), length), padding)
    targets = torch.full((len(encoded), length), -1)
    for row, one in enumerate(encoded):
        count = len(one.tokens) - 1
        inputs[row, :count] = torch.tensor(one.tokens[:-1])
        following = torch.tensor(one.tokens[1:])
        following[~torch.tensor(one.written[1:])] = -1
        targets[row, :count] = following
    return Batch(inputs, targets)


def batches(
    tokenizer: Tokenizer, *, seed: int, tokens_per_batch: int, shares: Mapping[str, float] = SHARES
) -> Iterator[Batch]:
    """Batches without end, in an order fixed by `seed`. Conversations above the last length are left out."""
    padding = SPECIAL_TOKENS.index(PAD)
    waiting: dict[int, list[_Encoded]] = {length: [] for length in LENGTHS}
    for sample in conversations(seed, Split.TRAIN, shares=shares):
        encoded = encode(tokenizer, sample)
        length = next((length for length in LENGTHS if len(encoded.tokens) - 1 <= length), None)
        if length is None:
            continue
        group = waiting[length]
        group.append(encoded)
        if (len(group) + 1) * length > tokens_per_batch:
            yield _padded(group, length, padding=padding)
            waiting[length] = []


def drills(*, seed: int, vocabulary: int, tokens_per_batch: int) -> Iterator[Batch]:
    """Batches without end of random tokens that come twice; the second time is to be written.

    Nothing but looking back can do this, so a model learns within minutes what conversations hardly teach it.
    """
    random = torch.Generator().manual_seed(seed)
    ordinary = len(SPECIAL_TOKENS)
    while True:
        lead, gap = (int(torch.randint(1, most, (), generator=random)) for most in (DRILL_LEAD, DRILL_GAP))
        count = DRILL_LENGTHS[int(torch.randint(len(DRILL_LENGTHS), (), generator=random))]
        length = lead + count + gap + count
        inputs = torch.randint(ordinary, vocabulary, (tokens_per_batch // length, length), generator=random)
        told = inputs[:, lead : lead + count]
        inputs[:, -count:] = told
        inputs[:, 0] = SPECIAL_TOKENS.index(BOS)
        inputs[:, -count - 1] = SPECIAL_TOKENS.index(START_RESPONSE)
        targets = torch.full_like(inputs, -1)
        targets[:, -count - 1 : -1] = told
        yield Batch(inputs[:, :-1], targets[:, :-1])
