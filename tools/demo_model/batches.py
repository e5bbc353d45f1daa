"""Turns conversations into padded batches of token numbers, each conversation beginning at position 0."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import Tensor

from tools.demo_model.data import Constraint, Sample, Split, conversations
from tools.demo_model.prompt import (
    PAD,
    SPECIAL_TOKENS,
    START_ACTION,
    START_RESPONSE,
    render,
    split_for_loss,
    with_words_before_call,
    without_response_marks,
)

LENGTHS = (32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048)
"""Conversations are padded to one of these. Few shapes: the CPU kernels are compiled once for each."""


@dataclass(frozen=True)
class Batch:
    """`inputs` (batch, length); `targets` the next tokens, -1 where the model does not write."""

    inputs: Tensor
    targets: Tensor


@dataclass(frozen=True)
class _Encoded:
    tokens: list[int]
    written: list[bool]


def as_written(sample: Sample) -> str:
    """The rendered conversation with its last answer exactly as llama.cpp lets the model write it."""
    rendered = render(list(sample.messages), tools=list(sample.tools))
    if sample.constraint is Constraint.SCHEMA:
        return without_response_marks(rendered)
    if sample.constraint is Constraint.CALL:
        return with_words_before_call(rendered, sample.messages[-1].get("content", ""))
    return rendered


def encode(tokenizer: Tokenizer, sample: Sample) -> _Encoded:
    """Token numbers of a rendered conversation and which of them the model has to write.

    The first token of a schema-bound answer is not learned: only a grammar may prefer it to the usual mark.
    """
    tokens: list[int] = []
    written: list[bool] = []
    for text, is_written in split_for_loss(as_written(sample)):
        numbers = tokenizer.encode(text, add_special_tokens=False).ids
        tokens += numbers
        written += [is_written] * len(numbers)
        if is_written and not text.startswith((START_RESPONSE, START_ACTION)):
            written[-len(numbers)] = False
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


def batches(tokenizer: Tokenizer, *, seed: int, tokens_per_batch: int) -> Iterator[Batch]:
    """Batches without end, in an order fixed by `seed`. Conversations above the last length are left out."""
    padding = SPECIAL_TOKENS.index(PAD)
    waiting: dict[int, list[_Encoded]] = {length: [] for length in LENGTHS}
    for sample in conversations(seed, Split.TRAIN):
        encoded = encode(tokenizer, sample)
        length = next((length for length in LENGTHS if len(encoded.tokens) - 1 <= length), None)
        if length is None:
            continue
        group = waiting[length]
        group.append(encoded)
        if (len(group) + 1) * length > tokens_per_batch:
            yield _padded(group, length, padding=padding)
            waiting[length] = []
