"""The ONNX graph computes what the training script's Llama computes, written out here in plain arithmetic."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from providers_server.adapters.telemetry import switch_telemetry_off
from support.random_chat_model import random_weights
from tools.demo_model.llama_graph import BLOCK, ZERO, LlamaShape, Matrix, llama_onnx, quantised

SHAPE = LlamaShape(vocabulary=96, width=64, blocks=2, heads=4, kv_heads=2, feed_forward=96, context=32)
TOKENS = [3, 90, 17, 17, 4, 55, 0, 41]


def rounded(weights: Mapping[str, Matrix]) -> dict[str, Matrix]:
    """The matrices as they come out of their 8 bits."""
    return {name: restored(values) if values.ndim == 2 else values for name, values in weights.items()}


def restored(weights: Matrix) -> Matrix:
    scales, values = quantised(weights)
    return ((values.astype(np.float32) - ZERO) * scales[:, :, None]).reshape(weights.shape)


def normalised(x: Matrix, gain: Matrix) -> Matrix:
    return x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + SHAPE.norm_epsilon) * gain


def rotated(x: Matrix) -> Matrix:
    """Heads (heads, length, head width): the pairs (0, 1), (2, 3) … turned by their place."""
    powers = np.arange(0, SHAPE.head_width, 2) / SHAPE.head_width
    angles = np.outer(np.arange(x.shape[1]), SHAPE.rope_base**-powers)
    even, odd = x[..., 0::2], x[..., 1::2]
    turned = np.stack(
        (even * np.cos(angles) - odd * np.sin(angles), even * np.sin(angles) + odd * np.cos(angles)), -1
    )
    return turned.reshape(x.shape)


def attended(h: Matrix, weights: Mapping[str, Matrix], block: str) -> Matrix:
    def heads(part: str) -> Matrix:
        return (h @ weights[f"{block}.{part}.weight"].T).reshape(len(h), -1, SHAPE.head_width).transpose(1, 0, 2)

    query, key, value = rotated(heads("query")), rotated(heads("key")), heads("value")
    groups = SHAPE.heads // SHAPE.kv_heads
    key, value = key.repeat(groups, axis=0), value.repeat(groups, axis=0)
    scores = query @ key.transpose(0, 2, 1) * SHAPE.head_width**-0.5
    scores += np.triu(np.full((len(h), len(h)), -np.inf), 1)
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    mixed = shares / shares.sum(axis=-1, keepdims=True) @ value
    return mixed.transpose(1, 0, 2).reshape(len(h), -1) @ weights[f"{block}.output.weight"].T


def logits(weights: Mapping[str, Matrix], tokens: list[int]) -> Matrix:
    """Of the last place."""
    x = weights["embedding.weight"][tokens]
    for number in range(SHAPE.blocks):
        block = f"blocks.{number}"
        x = x + attended(normalised(x, weights[f"{block}.norm"]), weights, block)
        h = normalised(x, weights[f"{block}.feed_norm"])
        gate = h @ weights[f"{block}.gate.weight"].T
        through = gate / (1 + np.exp(-gate)) * (h @ weights[f"{block}.up.weight"].T)
        x = x + through @ weights[f"{block}.down.weight"].T
    return normalised(x, weights["norm"])[-1] @ weights["embedding.weight"].T


def test_the_graph_agrees_with_the_arithmetic_in_one_step_and_in_many(tmp_path: Path) -> None:
    switch_telemetry_off()
    import onnxruntime

    weights = random_weights(SHAPE)
    path = tmp_path / "model.onnx"
    path.write_bytes(llama_onnx(SHAPE, weights))
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    expected = logits(rounded(weights), TOKENS)
    empty = np.zeros((1, SHAPE.kv_heads, 0, SHAPE.head_width), np.float32)
    caches = {each.name: empty for each in session.get_inputs() if each.name.startswith("past")}
    for pieces in ([TOKENS], [TOKENS[:5], TOKENS[5:]], [[token] for token in TOKENS]):
        kept, read = dict(caches), 0
        for piece in pieces:
            read += len(piece)
            given_inputs = {"input_ids": np.array([piece]), "attention_mask": np.ones((1, read), np.int64)}
            found, *presents = session.run(None, given_inputs | kept)
            kept = dict(zip(caches, presents, strict=True))
        spread = np.abs(found[0, -1] - expected).max() / np.abs(expected).max()
        assert spread < 0.03  # activations are rounded to 8 bits as well
        assert np.corrcoef(found[0, -1], expected)[0, 1] > 0.999


@given(
    arrays.arrays(
        np.float32, (3, 2 * BLOCK), elements=st.floats(-1e3, 1e3, width=32).filter(lambda x: x == 0 or abs(x) > 1e-3)
    )
)
def test_eight_bits_lose_less_than_half_a_step(weights: Matrix) -> None:
    scales, _ = quantised(weights)
    step = np.repeat(scales, BLOCK, axis=1)
    assert (np.abs(restored(weights) - weights) <= step * 0.501).all()


def test_a_matrix_that_has_no_blocks_is_refused() -> None:
    with pytest.raises(ValueError, match="reshape"):
        quantised(np.ones((2, BLOCK + 1), np.float32))
