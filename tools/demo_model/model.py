"""Two small architectures in PyTorch: Command-R's, equal to llama.cpp's `command-r`, and Llama's, for its twin.

Command-R: one bias-free LayerNorm per block feeds attention and a SwiGLU network side by side; both are added up:

    x + attention(norm(x)) + feed_forward(norm(x))

Llama: first attention, then the network, each under an RMSNorm of its own:

    y = x + attention(norm(x));  y + feed_forward(feed_norm(y))

Rotary positions turn neighbouring pairs of a head's values (llama.cpp's "NORM" style, not NeoX's halves).
Input and output embeddings are the same matrix; Command-R multiplies logits by `logit_scale`.
"""

from __future__ import annotations

import math
import re
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from functools import cache

import torch
from torch import Tensor, nn
from torch.nn import functional

QUERIES_AT_ONCE = 128
"""How many of a row's places attend in one go."""


EMBEDDING_STD = 0.25
QUIET = 0.1
"""Blocks begin by adding little: what a token is stays readable in the stream."""

INDUCTION_BLOCKS = (1, 3, 5)
STEADY = 6.0
ATTENTIVE = 2.0
NOTED = 0.3
MATCHING = 3.0
COPIED = 0.8
LIVELY_PAIRS = 10
"""So many pairs of a head's values, those that turn fastest, tell neighbouring places apart."""
STILL_PAIRS = 0.56
"""From this share of the pairs on they hardly turn within a conversation, and tell what stands there, not where."""


class Architecture(StrEnum):
    """What the blocks are made of."""

    COMMAND_R = "command-r"
    LLAMA = "llama"


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The model's sizes. Every width is a multiple of 32: a Q8_0 block. Llama has no `logit_scale`: it is 1 there."""

    architecture: str = Architecture.COMMAND_R.value
    vocabulary: int = 3072
    width: int = 256
    blocks: int = 7
    heads: int = 4
    kv_heads: int = 4
    feed_forward: int = 512
    rope_base: float = 10000.0
    norm_epsilon: float = 1e-5
    logit_scale: float = 0.25

    @property
    def head_width(self) -> int:
        """Values per attention head."""
        return self.width // self.heads

    def as_dict(self) -> dict[str, int | float | str]:
        """Plain values, for a checkpoint."""
        return asdict(self) | {"architecture": str(self.architecture)}


class Block(nn.Module):
    """Attention and feed-forward: side by side under one norm (Command-R) or one after the other (Llama)."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        kv_width = shape.kv_heads * shape.head_width
        self.shape = shape
        self.is_llama = shape.architecture == Architecture.LLAMA
        self.norm = nn.Parameter(torch.ones(shape.width))
        if self.is_llama:
            self.feed_norm = nn.Parameter(torch.ones(shape.width))
        self.query = nn.Linear(shape.width, shape.width, bias=False)
        self.key = nn.Linear(shape.width, kv_width, bias=False)
        self.value = nn.Linear(shape.width, kv_width, bias=False)
        self.output = nn.Linear(shape.width, shape.width, bias=False)
        self.gate = nn.Linear(shape.width, shape.feed_forward, bias=False)
        self.up = nn.Linear(shape.width, shape.feed_forward, bias=False)
        self.down = nn.Linear(shape.feed_forward, shape.width, bias=False)

    def forward(self, x: Tensor, view: View) -> Tensor:
        """`x` (batch, length, width) to the same shape. What reads the same state is one matrix product."""
        h = normalised(x, self.norm, self.shape).to(view.dtype)
        readers = [*self._in_halves(), self.value.weight]
        if not self.is_llama:
            readers += [self.gate.weight, self.up.weight]
        attending, feeding = self._read(h, readers)
        mixed = self._attend(attending, view)
        if self.is_llama:
            x = x + functional.linear(mixed, self.output.weight.to(view.dtype))
            h = normalised(x, self.feed_norm, self.shape).to(view.dtype)
            opened = _gated(functional.linear(h, torch.cat([self.gate.weight, self.up.weight]).to(view.dtype)))
            return x + functional.linear(opened, self.down.weight.to(view.dtype))
        writers = torch.cat([self.output.weight, self.down.weight], dim=1).to(view.dtype)
        return x + functional.linear(torch.cat([mixed, _gated(feeding)], dim=-1), writers)

    def _in_halves(self) -> list[Tensor]:
        """Query and key matrices that give the first of all neighbouring pairs, then the second: see `rotate`."""
        return [
            matrix.weight.unflatten(0, (heads, -1, 2)).transpose(1, 2).flatten(0, 2)
            for matrix, heads in ((self.query, self.shape.heads), (self.key, self.shape.kv_heads))
        ]

    def _read(self, h: Tensor, readers: list[Tensor]) -> tuple[Tensor, Tensor]:
        """What goes to attention, and what goes to the network."""
        read = functional.linear(h, torch.cat(readers).to(h.dtype))
        attending = self.shape.width + 2 * self.shape.kv_heads * self.shape.head_width
        first, rest = read.split([attending, read.shape[-1] - attending], dim=-1)
        return first, rest

    def _attend(self, attending: Tensor, view: View) -> Tensor:
        heads, kv_heads = self.shape.heads, self.shape.kv_heads
        split = attending.unflatten(-1, (heads + 2 * kv_heads, self.shape.head_width)).transpose(1, 2)
        turned, value = split.split([heads + kv_heads, kv_heads], dim=1)
        query, key = rotate(turned, view.cosine, view.sine).split([heads, kv_heads], dim=1)
        if heads > kv_heads:
            groups = heads // kv_heads
            key, value = key.repeat_interleave(groups, dim=1), value.repeat_interleave(groups, dim=1)
        return masked_attention(query, key, value, view.mask).transpose(1, 2).flatten(2)


def _gated(both: Tensor) -> Tensor:
    gate, up = both.chunk(2, dim=-1)
    return functional.silu(gate) * up


class DemoModel(nn.Module):
    """Token numbers in, logits out."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.blocks))
        self.norm = nn.Parameter(torch.ones(shape.width))
        self._initialise()

    def _initialise(self) -> None:
        nn.init.normal_(self.embedding.weight, std=EMBEDDING_STD)
        for block in self.blocks:
            for name, weight in block.named_parameters():
                if weight.ndim > 1:
                    quiet = QUIET if name in {"output.weight", "down.weight"} else 1.0
                    nn.init.normal_(weight, std=0.5 * self.shape.width**-0.5 * quiet)
        with torch.no_grad():
            begin_by_looking_back(self)

    def hidden(self, tokens: Tensor, *, branches: Tensor | None = None, dtype: torch.dtype = torch.float32) -> Tensor:
        """Token numbers (batch, length) to normalised states (batch, length, width), computed in `dtype`.

        Positions begin at 0. `branches` (batch, length) tells several continuations of one beginning apart: 0 for
        the beginning, then 1, 2, … Each sees the beginning and itself alone; its positions follow the beginning's.
        """
        view = view_of(tokens, branches, self.shape, dtype)
        x = self.embedding(tokens)
        for block in self.blocks:
            x = block(x, view)
        return normalised(x, self.norm, self.shape)

    def logits(self, hidden: Tensor) -> Tensor:
        """States (…, width) to logits (…, vocabulary)."""
        return functional.linear(hidden, self.embedding.weight.to(hidden.dtype)) * self.shape.logit_scale

    def forward(self, tokens: Tensor) -> Tensor:
        """Token numbers (batch, length) to logits (batch, length, vocabulary)."""
        return self.logits(self.hidden(tokens))


def begin_by_looking_back(model: DemoModel) -> None:
    """Set the first head of some blocks so that the untrained model already goes on with what it has seen before.

    In block 0 it sees the token before, and writes down which that is. In `INDUCTION_BLOCKS` it looks for places
    whose token before is the present one, and copies what stands there. These two steps are known as induction heads
    (https://transformer-circuits.pub/2022/in-context-learning-and-induction-heads), which nearly every skill here
    needs. By itself this model found them only after several million tokens.

    One value of the stream is the same for all tokens: the first head of block 0 has nothing else to go by.
    """
    shape, head = model.shape, slice(0, model.shape.head_width)
    model.embedding.weight[:, 0] = STEADY * EMBEDDING_STD
    still = [place for place in range(head.stop) if place // 2 >= STILL_PAIRS * head.stop // 2]
    directions = torch.linalg.qr(torch.randn(shape.width - 1, shape.width - 1)).Q
    identity, earlier = torch.zeros(2, len(still), shape.width)
    identity[:, 1:], earlier[:, 1:] = directions[: len(still)], directions[len(still) : 2 * len(still)]

    first = model.blocks[0]
    for weight in (first.query.weight, first.key.weight, first.value.weight):
        weight[head] = 0.0
    first.output.weight[:, head] = 0.0
    for pair in range(LIVELY_PAIRS):
        angle = shape.rope_base ** (-2 * pair / head.stop)
        first.key.weight[2 * pair, 0] = ATTENTIVE
        first.query.weight[2 * pair, 0] = ATTENTIVE * math.cos(angle)
        first.query.weight[2 * pair + 1, 0] = -ATTENTIVE * math.sin(angle)
    first.value.weight[: len(still)] = identity
    first.output.weight[:, : len(still)] = NOTED * earlier.T

    for number in INDUCTION_BLOCKS:
        block = model.blocks[number]
        block.query.weight[head], block.key.weight[head] = 0.0, 0.0
        block.query.weight[still], block.key.weight[still] = MATCHING * identity, MATCHING * earlier
        copied = torch.linalg.qr(torch.randn(shape.width, head.stop)).Q
        block.value.weight[head], block.output.weight[:, head] = copied.T, COPIED * copied


def as_llama(shape: Shape, weights: dict[str, Tensor]) -> tuple[Shape, dict[str, Tensor]]:
    """Command-R's weights as a beginning for a Llama of the same size.

    What is written into the stream is centred, so that RMSNorm sees what LayerNorm saw, and the scale of the logits
    goes into the last norm. Not the same model: here the network sees what attention has just written.
    """
    ready = dict(weights)
    for name, weight in weights.items():
        if name == "embedding.weight":
            ready[name] = weight - weight.mean(dim=1, keepdim=True)
        elif name.endswith(("output.weight", "down.weight")):
            ready[name] = weight - weight.mean(dim=0, keepdim=True)
        elif re.fullmatch(r"blocks\.\d+\.norm", name):
            ready[name.replace("norm", "feed_norm")] = weight.clone()
    ready["norm"] = weights["norm"] * shape.logit_scale
    return replace(shape, architecture=Architecture.LLAMA.value, logit_scale=1.0), ready


@dataclass(frozen=True)
class View:
    """What a token sees: `mask` (batch or 1, 1, length, length), added to scores, and angles for `rotate`."""

    mask: Tensor
    cosine: Tensor
    sine: Tensor
    dtype: torch.dtype


def view_of(tokens: Tensor, branches: Tensor | None, shape: Shape, dtype: torch.dtype) -> View:
    """See `DemoModel.hidden`."""
    length = tokens.shape[1]
    cosine, sine = (table.to(dtype) for table in rotary_table(length, shape, tokens.device))
    mask = _causal_mask(length, dtype)
    if branches is None:
        return View(mask[None, None], cosine[None, None], sine[None, None], dtype)
    begun = (branches == 0).sum(dim=1, keepdim=True)
    since = torch.arange(length) - (branches[:, :, None] > branches[:, None, :]).sum(dim=2)
    places = torch.where(branches == 0, torch.arange(length), begun + since)
    apart = (branches[:, :, None] != branches[:, None, :]) & (branches[:, None, :] != 0)
    seen = mask.expand(len(tokens), -1, -1).masked_fill(apart, float("-inf"))
    return View(seen[:, None], cosine[places][:, None], sine[places][:, None], dtype)


def masked_attention(query: Tensor, key: Tensor, value: Tensor, mask: Tensor) -> Tensor:
    """Softmax attention over places that are not later; all (batch, heads, length, head_width).

    Spelled out, some queries at a time and only with the keys before them: on a CPU that is several times as fast as
    PyTorch's own kernel in bf16.
    """
    query, key = query * query.shape[-1] ** -0.5, key.transpose(-1, -2)
    mixed = []
    for asking, seen in zip(query.split(QUERIES_AT_ONCE, dim=2), mask.split(QUERIES_AT_ONCE, dim=2), strict=True):
        end = len(mixed) * QUERIES_AT_ONCE + asking.shape[2]
        scores = torch.matmul(asking, key[..., :end]) + seen[..., :end]
        mixed.append(torch.matmul(torch.softmax(scores, dim=-1), value[:, :, :end]))
    return torch.cat(mixed, dim=2)


@cache
def _causal_mask(length: int, dtype: torch.dtype) -> Tensor:
    return torch.full((length, length), float("-inf"), dtype=dtype).triu(1)


def normalised(x: Tensor, weight: Tensor, shape: Shape) -> Tensor:
    """LayerNorm (Command-R) or RMSNorm (Llama), with a weight and no bias."""
    if shape.architecture == Architecture.LLAMA:
        return functional.rms_norm(x, (x.shape[-1],), weight, shape.norm_epsilon)
    return functional.layer_norm(x, (x.shape[-1],), weight, None, shape.norm_epsilon)


def rotary_table(length: int, shape: Shape, device: torch.device) -> tuple[Tensor, Tensor]:
    """Cosines and sines of positions 0 … length-1, each (length, head_width / 2)."""
    powers = torch.arange(0, shape.head_width, 2, device=device, dtype=torch.float32) / shape.head_width
    angles = torch.outer(torch.arange(length, device=device, dtype=torch.float32), shape.rope_base**-powers)
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Turn pairs of the last dimension by the position's angles: the n-th of its first and of its second half.

    llama.cpp turns neighbours. It is the same where queries and keys are both put in that order: see `_in_halves`.
    """
    first, second = x.chunk(2, dim=-1)
    return torch.cat([first * cosine - second * sine, first * sine + second * cosine], dim=-1)
