"""Two small architectures in PyTorch: Command-R's, equal to llama.cpp's `command-r`, and Llama's, for its twin.

Command-R: one bias-free LayerNorm per block feeds attention and a SwiGLU network side by side; both are added up:

    x + attention(norm(x)) + feed_forward(norm(x))

Llama: first attention, then the network, each under an RMSNorm of its own:

    y = x + attention(norm(x));  y + feed_forward(feed_norm(y))

Rotary positions turn neighbouring pairs of a head's values (llama.cpp's "NORM" style, not NeoX's halves).
Input and output embeddings are the same matrix; Command-R multiplies logits by `logit_scale`.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from functools import cache

import torch
from torch import Tensor, nn
from torch.nn import functional

LONGEST_SPELLED_OUT = 640
"""Rows up to this many tokens are attended with plain matrix products."""


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
    logit_scale: float = 0.5

    @property
    def head_width(self) -> int:
        """Values per attention head."""
        return self.width // self.heads

    def as_dict(self) -> dict[str, int | float | str]:
        """Plain values, for a checkpoint."""
        return asdict(self)


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

    def forward(self, x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
        """`x` (batch, length, width) to the same shape; `cosine`, `sine` (length, head_width / 2)."""
        h = normalised(x, self.norm, self.shape)
        if self.is_llama:
            x = x + self._attend(h, cosine, sine)
            return x + self._feed(normalised(x, self.feed_norm, self.shape))
        return x + self._attend(h, cosine, sine) + self._feed(h)

    def _feed(self, h: Tensor) -> Tensor:
        fed: Tensor = self.down(functional.silu(self.gate(h)) * self.up(h))
        return fed

    def _attend(self, h: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
        batch, length, width = h.shape
        head_width = self.shape.head_width
        query = self.query(h).view(batch, length, self.shape.heads, head_width).transpose(1, 2)
        key = self.key(h).view(batch, length, self.shape.kv_heads, head_width).transpose(1, 2)
        value = self.value(h).view(batch, length, self.shape.kv_heads, head_width).transpose(1, 2)
        groups = self.shape.heads // self.shape.kv_heads
        query, key = rotate(query, cosine, sine), rotate(key, cosine, sine)
        if groups > 1:
            key, value = key.repeat_interleave(groups, dim=1), value.repeat_interleave(groups, dim=1)
        mixed = causal_attention(query, key, value)
        attended: Tensor = self.output(mixed.transpose(1, 2).reshape(batch, length, width))
        return attended


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
        residual_scale = (2 * self.shape.blocks) ** -0.5
        nn.init.normal_(self.embedding.weight, std=0.05)
        for block in self.blocks:
            for name, weight in block.named_parameters():
                if weight.ndim == 1:
                    continue
                std = (
                    self.shape.width**-0.5
                    * 0.5
                    * (residual_scale if name in {"output.weight", "down.weight"} else 1.0)
                )
                nn.init.normal_(weight, std=std)

    def hidden(self, tokens: Tensor) -> Tensor:
        """Token numbers (batch, length) to normalised states (batch, length, width); positions begin at 0."""
        x = self.embedding(tokens)
        cosine, sine = rotary_table(tokens.shape[1], self.shape, x.device)
        for block in self.blocks:
            x = block(x, cosine.to(x.dtype), sine.to(x.dtype))
        return normalised(x, self.norm, self.shape)

    def logits(self, hidden: Tensor) -> Tensor:
        """States (…, width) to logits (…, vocabulary)."""
        return functional.linear(hidden, self.embedding.weight) * self.shape.logit_scale

    def forward(self, tokens: Tensor) -> Tensor:
        """Token numbers (batch, length) to logits (batch, length, vocabulary)."""
        return self.logits(self.hidden(tokens))


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


def causal_attention(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Softmax attention over earlier places; all (batch, heads, length, head_width).

    Spelled out where rows are short: on a CPU that is two to three times as fast as PyTorch's own kernel in bf16.
    """
    length = query.shape[2]
    if length > LONGEST_SPELLED_OUT:
        return functional.scaled_dot_product_attention(query, key, value, is_causal=True)
    scores = torch.matmul(query * query.shape[-1] ** -0.5, key.transpose(-1, -2)) + _causal_mask(length, query.dtype)
    return torch.matmul(torch.softmax(scores, dim=-1).to(value.dtype), value)


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
    """Turn the pairs (0, 1), (2, 3), … of the last dimension by the position's angles."""
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cosine - odd * sine, even * sine + odd * cosine), dim=-1).flatten(-2)
