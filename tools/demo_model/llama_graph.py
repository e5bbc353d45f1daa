"""A Llama-shaped decoder as an ONNX graph for onnxruntime-genai, with weights in 8 bits. Needs no PyTorch.

Matrices are cut into blocks of 32 values along their input; each block has one scale. The matrix of the embeddings
serves as the output matrix too, and is stored once. Operators: https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tools.demo_model.onnx_format import Array, Attribute, Node, Port, onnx_bytes

Matrix = NDArray[np.float32]

BLOCK = 32
"""Values that share a scale, as in GGUF's Q8_0."""
ZERO = 128
"""The byte that stands for 0."""
_LARGEST = 127
_SMALLEST_SCALE = 1e-12
"""Divided by where a block is all zeros."""
_INT8_ACTIVATIONS = 4
"""`accuracy_level` of MatMulNBits: activations are rounded to 8 bits as well, which is several times as fast."""
_MICROSOFT = "com.microsoft"


@dataclass(frozen=True, kw_only=True)
class LlamaShape:
    """The model's sizes. Every width is a multiple of 32."""

    vocabulary: int
    width: int
    blocks: int
    heads: int
    kv_heads: int
    feed_forward: int
    context: int
    rope_base: float = 10000.0
    norm_epsilon: float = 1e-5

    @property
    def head_width(self) -> int:
        """Values per attention head."""
        return self.width // self.heads


@dataclass
class _Graph:
    """Nodes and constants as they are added; each method returns the name of what it computes."""

    shape: LlamaShape
    nodes: list[Node] = field(default_factory=list)
    constants: dict[str, Array] = field(default_factory=dict)

    def add(self, kind: str, inputs: list[str], output: str, **attributes: Attribute) -> str:
        self.nodes.append(Node(kind=kind, inputs=inputs, outputs=[output], attributes=attributes))
        return output

    def constant(self, name: str, values: Array) -> str:
        self.constants[name] = values
        return name

    def matrix(self, x: str, name: str) -> str:
        """`x` times a matrix that `store` has put in."""
        rows, blocks = self.constants[f"{name}.scales"].shape
        attributes = {"K": blocks * BLOCK, "N": rows, "bits": 8, "block_size": BLOCK}
        self.nodes.append(
            Node(
                kind="MatMulNBits",
                inputs=[x, f"{name}.bytes", f"{name}.scales"],
                outputs=[f"{name}.product"],
                attributes={**attributes, "accuracy_level": _INT8_ACTIVATIONS},
                domain=_MICROSOFT,
            )
        )
        return f"{name}.product"

    def store(self, name: str, weights: Matrix) -> None:
        """A matrix of shape (outputs, inputs), in 8 bits."""
        scales, values = quantised(weights)
        self.constant(f"{name}.scales", scales)
        self.constant(f"{name}.bytes", values)

    def norm(self, x: str, name: str, weights: Matrix) -> str:
        gain = self.constant(f"{name}.gain", weights.astype(np.float32))
        epsilon = self.shape.norm_epsilon
        return self.add("SimplifiedLayerNormalization", [x, gain], name, axis=-1, epsilon=epsilon, stash_type=1)

    def norm_of_sum(self, x: str, y: str, name: str, weights: Matrix) -> tuple[str, str]:
        """The norm of `x + y`, and the sum itself."""
        gain = self.constant(f"{name}.gain", weights.astype(np.float32))
        self.nodes.append(
            Node(
                kind="SkipSimplifiedLayerNormalization",
                inputs=[x, y, gain],
                outputs=[name, "", "", f"{name}.sum"],
                attributes={"epsilon": self.shape.norm_epsilon},
                domain=_MICROSOFT,
            )
        )
        return name, f"{name}.sum"


def llama_onnx(shape: LlamaShape, weights: Mapping[str, Matrix]) -> bytes:
    """The file `model.onnx`. `weights`: the training script's names, matrices (outputs, inputs)."""
    graph = _Graph(shape)
    _add_lengths(graph)
    _add_rotations(graph)
    x = _add_embedding(graph, weights["embedding.weight"])
    h = graph.norm(x, "blocks.0.norm", weights["blocks.0.norm"])
    for number in range(shape.blocks):
        block = f"blocks.{number}"
        attended = _add_attention(graph, h, block, weights)
        h, x = graph.norm_of_sum(x, attended, f"{block}.feed_norm", weights[f"{block}.feed_norm"])
        fed = _add_network(graph, h, block, weights)
        after = "norm" if number + 1 == shape.blocks else f"blocks.{number + 1}.norm"
        h, x = graph.norm_of_sum(x, fed, after, weights[after])
    _add_logits(graph, h)
    return onnx_bytes(graph.nodes, graph.constants, inputs=_inputs(shape), outputs=_outputs(shape))


def quantised(weights: Matrix) -> tuple[Matrix, NDArray[np.uint8]]:
    """Scales (outputs, blocks) and bytes (outputs, blocks, 32): value = scale * (byte - 128)."""
    rows, columns = weights.shape
    blocks = weights.astype(np.float32).reshape(rows, columns // BLOCK, BLOCK)
    scales = np.maximum(np.abs(blocks).max(axis=2) / _LARGEST, _SMALLEST_SCALE).astype(np.float32)
    values = np.clip(np.rint(blocks / scales[:, :, None]), -_LARGEST, _LARGEST) + ZERO
    return scales, values.astype(np.uint8)


def _add_lengths(graph: _Graph) -> None:
    """What attention wants to know: the last position of each row, and the length of the longest."""
    axis = graph.constant("axis", np.array([1], np.int64))
    one = graph.constant("one", np.array([1], np.int64))
    used = graph.add("ReduceSum", ["attention_mask", axis], "used", keepdims=0)
    graph.add("Cast", [graph.add("Sub", [used, one], "last")], "last32", to=6)
    lengths = graph.add("Shape", ["attention_mask"], "lengths")
    place = graph.constant("place", np.array(1, np.int64))
    total = graph.add("Gather", [lengths, place], "total", axis=0)
    graph.add("Cast", [total], "total32", to=6)


def _add_rotations(graph: _Graph) -> None:
    shape = graph.shape
    powers = np.arange(0, shape.head_width, 2, dtype=np.float64) / shape.head_width
    angles = np.outer(np.arange(shape.context, dtype=np.float64), shape.rope_base**-powers)
    graph.constant("cosines", np.cos(angles).astype(np.float32))
    graph.constant("sines", np.sin(angles).astype(np.float32))


def _add_embedding(graph: _Graph, weights: Matrix) -> str:
    """Rows of the matrix that `_add_logits` uses as well."""
    graph.store("embedding", weights)
    zero = graph.constant("zero", np.array(ZERO, np.float32))
    whole = graph.constant("states_shape", np.array([0, 0, graph.shape.width], np.int64))
    wide = graph.constant("column", np.array([-1], np.int64))
    taken = graph.add("Gather", ["embedding.bytes", "input_ids"], "embedded.bytes", axis=0)
    centred = graph.add("Sub", [graph.add("Cast", [taken], "embedded.floats", to=1), zero], "embedded.centred")
    scales = graph.add("Gather", ["embedding.scales", "input_ids"], "embedded.scales", axis=0)
    columns = graph.add("Unsqueeze", [scales, wide], "embedded.columns")
    values = graph.add("Mul", [centred, columns], "embedded.blocks")
    return graph.add("Reshape", [values, whole], "embedded")


def _add_attention(graph: _Graph, h: str, block: str, weights: Mapping[str, Matrix]) -> str:
    number = block.rpartition(".")[2]
    parts = [weights[f"{block}.{part}.weight"] for part in ("query", "key", "value")]
    graph.store(f"{block}.qkv", np.concatenate(parts))
    graph.store(f"{block}.output", weights[f"{block}.output.weight"])
    past = [f"past_key_values.{number}.key", f"past_key_values.{number}.value"]
    graph.nodes.append(
        Node(
            kind="GroupQueryAttention",
            inputs=[graph.matrix(h, f"{block}.qkv"), "", "", *past, "last32", "total32", "cosines", "sines"],
            outputs=[f"{block}.mixed", f"present.{number}.key", f"present.{number}.value"],
            attributes={
                "num_heads": graph.shape.heads,
                "kv_num_heads": graph.shape.kv_heads,
                "do_rotary": 1,
                "rotary_interleaved": 1,  # neighbouring values turn together
            },
            domain=_MICROSOFT,
        )
    )
    return graph.matrix(f"{block}.mixed", f"{block}.output")


def _add_network(graph: _Graph, h: str, block: str, weights: Mapping[str, Matrix]) -> str:
    for part in ("gate", "up", "down"):
        graph.store(f"{block}.{part}", weights[f"{block}.{part}.weight"])
    gate = graph.matrix(h, f"{block}.gate")
    open_gate = graph.add("Mul", [gate, graph.add("Sigmoid", [gate], f"{block}.sigmoid")], f"{block}.silu")
    through = graph.add("Mul", [open_gate, graph.matrix(h, f"{block}.up")], f"{block}.through")
    return graph.matrix(through, f"{block}.down")


def _add_logits(graph: _Graph, h: str) -> None:
    """Only the last position's: nobody reads the others, and they cost the vocabulary's size each."""
    last = graph.constant("last_place", np.array([-1], np.int64))
    state = graph.add("Gather", [h, last], "last_state", axis=1)
    product = graph.matrix(state, "embedding")
    graph.add("Identity", [product], "logits")


def _inputs(shape: LlamaShape) -> list[Port]:
    return [
        Port(name="input_ids", kind="int64", shape=["batch_size", "sequence_length"]),
        Port(name="attention_mask", kind="int64", shape=["batch_size", "total_sequence_length"]),
        *_caches(shape, "past_key_values", "past_sequence_length"),
    ]


def _outputs(shape: LlamaShape) -> list[Port]:
    logits = Port(name="logits", kind="float32", shape=["batch_size", 1, shape.vocabulary])
    return [logits, *_caches(shape, "present", "total_sequence_length")]


def _caches(shape: LlamaShape, name: str, length: str) -> list[Port]:
    size = ["batch_size", shape.kv_heads, length, shape.head_width]
    return [
        Port(name=f"{name}.{number}.{part}", kind="float32", shape=size)
        for number in range(shape.blocks)
        for part in ("key", "value")
    ]
