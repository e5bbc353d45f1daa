"""Turns conversations into padded batches of token numbers, each conversation beginning at position 0."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from random import Random

import torch
from tokenizers import Tokenizer
from torch import Tensor

from tools.demo_model.data import SHARES, Constraint, Sample, Split, families
from tools.demo_model.prompt import (
    BOS,
    CITATION_END,
    CITATION_START,
    END_OF_TURN,
    END_RESPONSE,
    END_TOOL_RESULT,
    PAD,
    SPECIAL_TOKENS,
    START_ACTION,
    START_RESPONSE,
    START_TOOL_RESULT,
    render,
    split_for_loss,
    with_words_before_call,
    without_response_marks,
)

LENGTHS = (32, 48, 64, 96, 128, 160, 192, 256, 320, 384, 512, 640, 768, 1024, 1536, 2048)
"""Conversations are padded to one of these. Few shapes: the CPU kernels are compiled once for each."""

ROUNDS_LENGTH = 64
DRILL_LENGTHS = (8, 12, 16, 24, 32, 48, 64, 96)
DRILL_LEAD = 48
DRILL_GAP = 48
"""A drill repeats that many tokens; fewer than `DRILL_LEAD` stand before them and than `DRILL_GAP` in between."""

CITATION_CLOSED = "]>"
DECISION_WEIGHT = 3.0
CITATION_WEIGHT = 5.0
SENTENCE_WEIGHTS = (6.0, 3.0)
"""A token that decides something counts as much as so many others. The last: the first two of a cited sentence."""


@dataclass(frozen=True)
class Batch:
    """`inputs` (batch, length); `targets` the next tokens; `weights` say how much each counts, maybe 0.

    `branches`, where there are any, as `DemoModel.hidden` has them.
    """

    inputs: Tensor
    targets: Tensor
    weights: Tensor
    branches: Tensor | None = None


@dataclass(frozen=True)
class _Encoded:
    """`branches`: as `DemoModel.hidden` has them; none where there is nothing to tell apart."""

    tokens: list[int]
    weights: list[float]
    branches: list[int] = field(default_factory=list)


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


class _Scale:
    """How much a token of the model's own text counts. Decisions are single tokens between many easy ones."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        vocabulary = tokenizer.get_vocab()
        self.response = vocabulary[START_RESPONSE]
        self.sentence = vocabulary[CITATION_START]
        self.citation, self.citation_end = vocabulary[CITATION_END], vocabulary[CITATION_CLOSED]
        self.action = vocabulary[START_ACTION]
        self.call_ends = {number for token, number in vocabulary.items() if "}}" in token}
        self.quotes = {number for token, number in vocabulary.items() if token.endswith('"')}

    def of(self, tokens: list[int]) -> list[float]:
        """One weight per token of a turn that the model writes."""
        weights, cites = [], False
        calls = tokens[:1] == [self.action]
        for place, token in enumerate(tokens):
            weight = CITATION_WEIGHT if cites else DECISION_WEIGHT if token in self.call_ends else 1.0
            if place == 0 or tokens[place - 1] == self.response or (calls and tokens[place - 1] in self.quotes):
                weight = DECISION_WEIGHT
            for distance, counted in enumerate(SENTENCE_WEIGHTS, start=1):
                if place >= distance and tokens[place - distance] == self.sentence:
                    weight = counted
            weights.append(weight)
            cites = token == self.citation or (cites and token != self.citation_end)
        return weights


def encode(tokenizer: Tokenizer, sample: Sample) -> _Encoded:
    """Token numbers of a rendered conversation and how much each counts; only what the model writes counts at all.

    The beginning of a bound answer is not learned: the same question has another answer where nothing binds it.
    """
    scale = _scale(tokenizer)
    tokens: list[int] = []
    weights: list[float] = []
    for text, is_written in split_for_loss(as_written(sample)):
        numbers = tokenizer.encode(text, add_special_tokens=False).ids
        tokens += numbers
        weights += scale.of(numbers) if is_written else [0.0] * len(numbers)
        last = len(numbers)
    for place in range(_ONLY_FORCED[sample.constraint]):
        weights[place - last] = 0.0
    return _Encoded(tokens, weights)


def encode_family(tokenizer: Tokenizer, family: list[Sample]) -> _Encoded:
    """Conversations with the same first turn, that turn once: what follows it are branches."""
    members = [encode(tokenizer, sample) for sample in family]
    if len(members) == 1:
        return members[0]
    shared = members[0].tokens.index(SPECIAL_TOKENS.index(END_OF_TURN)) + 1
    tokens, weights, branches = members[0].tokens[:shared], [0.0] * shared, [0] * shared
    for number, member in enumerate(members, start=1):
        if member.tokens[:shared] != tokens[:shared]:
            raise ValueError("these conversations do not begin with the same turn")
        tokens += member.tokens[shared:]
        weights += member.weights[shared:]
        branches += [number] * (len(member.tokens) - shared)
    return _Encoded(tokens, weights, branches)


@cache
def _scale(tokenizer: Tokenizer) -> _Scale:
    return _Scale(tokenizer)


def _padded(encoded: list[_Encoded], length: int, *, padding: int) -> Batch:
    inputs = torch.full((len(encoded), length), padding)
    targets = torch.full((len(encoded), length), padding)
    weights = torch.zeros((len(encoded), length))
    branches = torch.zeros((len(encoded), length), dtype=torch.long)
    for row, one in enumerate(encoded):
        count = len(one.tokens) - 1
        inputs[row, :count] = torch.tensor(one.tokens[:-1])
        targets[row, :count] = torch.tensor(one.tokens[1:])
        weights[row, :count] = torch.tensor(one.weights[1:])
        if one.branches:
            branches[row, :count] = torch.tensor(one.branches[:-1])
            branches[row, count:] = one.branches[-1]
    return Batch(inputs, targets, weights, branches if branches.any() else None)


def batches(
    tokenizer: Tokenizer, *, seed: int, tokens_per_batch: int, shares: Mapping[str, float] = SHARES
) -> Iterator[Batch]:
    """Batches without end, in an order fixed by `seed`. What is longer than the last length is left out."""
    padding = SPECIAL_TOKENS.index(PAD)
    waiting: dict[tuple[int, bool], list[_Encoded]] = {}
    for family in families(seed, Split.TRAIN, shares=shares):
        encoded = encode_family(tokenizer, family)
        length = next((length for length in LENGTHS if len(encoded.tokens) - 1 <= length), None)
        if length is None:
            continue
        group = waiting.setdefault((length, bool(encoded.branches)), [])
        group.append(encoded)
        if (len(group) + 1) * length > tokens_per_batch:
            yield _padded(group, length, padding=padding)
            group.clear()


def rounds(*, seed: int, vocabulary: int, tokens_per_batch: int) -> Iterator[Batch]:
    """Batches without end of a few random tokens that come again and again: the easiest way to learn to look back."""
    random = torch.Generator().manual_seed(seed)
    places = torch.arange(ROUNDS_LENGTH + 1)
    while True:
        shape = (tokens_per_batch // ROUNDS_LENGTH, 1)
        lead = torch.randint(0, 8, shape, generator=random)
        period = torch.randint(4, 24, shape, generator=random)
        told = torch.randint(len(SPECIAL_TOKENS), vocabulary, (shape[0], ROUNDS_LENGTH + 1), generator=random)
        again = places >= lead + period
        rows = told.gather(1, torch.where(again, lead + (places - lead) % period, places))
        weights = (places > lead + period).float()
        yield Batch(rows[:, :-1], rows[:, 1:], weights[:, 1:])


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
        weights = torch.zeros(inputs.shape)
        weights[:, -count:] = 1.0
        yield Batch(inputs[:, :-1], inputs[:, 1:], weights[:, 1:])


def citation_drills(tokenizer: Tokenizer, *, seed: int, tokens_per_batch: int) -> Iterator[Batch]:
    """Batches without end of documents of random tokens, some of them repeated with their number in a citation.

    In a conversation the number is one token among many. Here it is one in ten.
    """
    rng = Random(seed)
    ordinary = range(len(SPECIAL_TOKENS), tokenizer.get_vocab_size())
    while True:
        documents, length, asked = rng.choice((2, 3, 4, 5)), rng.choice((3, 5, 8, 12)), rng.randint(1, 4)
        rows: list[_Encoded] = []
        while not rows or (len(rows) + 1) * len(rows[0].tokens) <= tokens_per_batch:
            rows.append(
                _citation_drill(
                    tokenizer, rng, texts=[rng.choices(ordinary, k=length) for _ in range(documents)], asked=asked
                )
            )
        yield _padded(rows, len(rows[0].tokens) - 1, padding=SPECIAL_TOKENS.index(PAD))


def _citation_drill(tokenizer: Tokenizer, rng: Random, *, texts: list[list[int]], asked: int) -> _Encoded:
    def cut(text: str) -> list[int]:
        return tokenizer.encode(text, add_special_tokens=False).ids

    tokens = cut(f'{BOS}{START_TOOL_RESULT}[\n    {{"tool_call_id": "0", "results": {{')
    for number, text in enumerate(texts):
        tokens += [*cut(f'"{number}": {{"text": "'), *text, *cut('"}, ')]
    tokens += cut(f'"is_error": null}}\n]{END_TOOL_RESULT}')
    weights = [0.0] * len(tokens)
    for number in rng.choices(range(len(texts)), k=asked):
        opening, sources = (
            cut(f"{START_RESPONSE}{CITATION_START}"),
            cut(f"{CITATION_END} 0:[{number}]>{END_RESPONSE}"),
        )
        tokens += [*opening, *texts[number], *sources]
        weights += [0.0] * (len(opening) + 1) + [1.0] * (len(texts[number]) - 1) + [1.0] * len(sources)
        weights[-3] = CITATION_WEIGHT
    return _Encoded(tokens, weights)
