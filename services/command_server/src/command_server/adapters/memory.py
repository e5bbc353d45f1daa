"""What a model will take in memory, as its header tells: weights, a KV cache for every sequence, scratch.

The shapes are llama.cpp's (`llama-kv-cache.cpp`, `llama-kv-cache-iswa.cpp`): keys and values in 16 bits for each
block, token and sequence. In models with a sliding window (`cohere2`) three blocks of four keep only the window, and
the engine may keep snapshots of it beside the cache.
"""

import re
from pathlib import Path
from typing import Final

from alive_core import Target
from alive_core.constants import MIB
from command_server.adapters.gguf_header import GgufHeader
from command_server.adapters.parameters import EngineOptions
from command_server.adapters.special_tokens import TOKENS
from command_server.constants import CONTEXT_STEP_TOKENS, CPU_BATCH_TOKENS, GPU_MICRO_BATCH_TOKENS

_HALF_BYTES: Final = 2
_FLOAT_BYTES: Final = 4
_FULL_BLOCK_EVERY: Final = 4  # in a model with a sliding window, one block of so many sees everything
_PART: Final = re.compile(r"-\d{5}-of-\d{5}\.gguf$")


def memory_bytes(header: GgufHeader, path: Path, target: Target, *, options: EngineOptions, window: int) -> int:
    """Bytes for weights, the caches of all sequences, and the buffers of one step; without the process itself.

    `window` is the tokens of one sequence. Where a GPU holds the weights this is too much, until it is measured.
    """
    step = min(options.batch or CPU_BATCH_TOKENS, GPU_MICRO_BATCH_TOKENS)
    caches = target.parallel * sequence_bytes(header, window=window, step=step, snapshots=options.context_checkpoints)
    return weights_bytes(path) + caches + scratch_bytes(header, window, step) + options.prompt_cache_mib * MIB


def weights_bytes(path: Path) -> int:
    """Size of the file, or of all parts of a model that was split."""
    if not _PART.search(path.name):
        return path.stat().st_size
    parts = path.parent.glob(_PART.sub("-*-of-*.gguf", path.name))
    return sum(part.stat().st_size for part in parts if _PART.search(part.name))


def sequence_bytes(header: GgufHeader, *, window: int, step: int, snapshots: int) -> int:
    """What one sequence keeps: keys and values of every block, and snapshots of a sliding window."""
    blocks = _number(header, "block_count")
    per_token = _HALF_BYTES * _kv_values(header)
    sliding = _number(header, "attention.sliding_window")
    if not sliding:
        return blocks * per_token * window
    full = blocks // _FULL_BLOCK_EVERY
    kept = min(window, -(-(sliding + step) // CONTEXT_STEP_TOKENS) * CONTEXT_STEP_TOKENS)
    return per_token * (full * window + (blocks - full) * kept * (1 + snapshots))


def scratch_bytes(header: GgufHeader, window: int, step: int) -> int:
    """Buffers for `step` tokens at once: states, attention over the window, scores of the whole vocabulary."""
    states = 4 * _number(header, "embedding_length") + 2 * _number(header, "feed_forward_length")
    attention = _number(header, "attention.head_count") * window
    vocabulary = header.length(TOKENS)
    return _FLOAT_BYTES * step * (states + attention + 2 * vocabulary)


def _kv_values(header: GgufHeader) -> int:
    """Numbers that one block keeps for one token, keys and values together."""
    heads = _number(header, "attention.head_count")
    kv_heads = _number(header, "attention.head_count_kv") or heads
    width = _number(header, "embedding_length") // heads if heads else 0
    lengths = [_number(header, f"attention.{what}_length") or width for what in ("key", "value")]
    return kv_heads * sum(lengths)


def _number(header: GgufHeader, key: str) -> int:
    """A number of the model's architecture; 0 where the header does not say."""
    return header.number(f"{header.text('general.architecture')}.{key}") or 0
