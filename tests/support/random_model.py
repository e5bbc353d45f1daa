"""Makes `command-r` GGUF files with random weights: real files for the real engine, of any size, in a moment.

The answers are noise, but deterministic noise: the same shape and seed give the same bytes. The tokenizer is a
byte-level BPE over the 256 bytes with Command-R's special tokens; the chat template has Command R7B's shape.
Architecture: https://github.com/ggml-org/llama.cpp/blob/master/src/models/command-r.cpp
"""

from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np

CONTROL_TOKENS = (
    "<PAD>",
    "<UNK>",
    "<BOS_TOKEN>",
    "<EOS_TOKEN>",
    "<|START_OF_TURN_TOKEN|>",
    "<|END_OF_TURN_TOKEN|>",
    "<|USER_TOKEN|>",
    "<|CHATBOT_TOKEN|>",
    "<|SYSTEM_TOKEN|>",
    "<|START_THINKING|>",
    "<|END_THINKING|>",
    "<|START_RESPONSE|>",
    "<|END_RESPONSE|>",
    "<|START_ACTION|>",
    "<|END_ACTION|>",
    "<|START_TOOL_RESULT|>",
    "<|END_TOOL_RESULT|>",
)
MERGES = ("Ġ t", "Ġ a", "h e", "i n", "r e", "o n", "Ġt he", "e r", "Ġ s", "n d", "o r", "e s")

PLAIN_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}<|START_OF_TURN_TOKEN|>"
    "{% if message.role == 'user' %}<|USER_TOKEN|>{% elif message.role == 'assistant' %}<|CHATBOT_TOKEN|>"
    "{% else %}<|SYSTEM_TOKEN|>{% endif %}{{ message.content }}<|END_OF_TURN_TOKEN|>{% endfor %}"
    "{% if add_generation_prompt %}<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>{% endif %}"
)
"""The shape of the first Command-R: no tools, no segments."""

TOOL_TEMPLATE = (
    "{{ bos_token }}{% if tools %}<|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|>## Available Tools\n"
    "{% for tool in tools %}{{ tool.function | tojson }}\n{% endfor %}<|END_OF_TURN_TOKEN|>{% endif %}"
    "{% if documents %}<|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|>"
    "{% for document in documents %}{{ document | tojson }}\n{% endfor %}<|END_OF_TURN_TOKEN|>{% endif %}"
    "{% for message in messages %}<|START_OF_TURN_TOKEN|>"
    "{% if message.role == 'user' %}<|USER_TOKEN|>{{ message.content }}"
    "{% elif message.role == 'assistant' %}<|CHATBOT_TOKEN|>"
    "{% if message.tool_calls %}<|START_ACTION|>[{% for call in message.tool_calls %}"
    '{"tool_call_id": "{{ loop.index0 }}", "tool_name": "{{ call.function.name }}", '
    '"parameters": {{ call.function.arguments | tojson }}}{% if not loop.last %}, {% endif %}'
    "{% endfor %}]<|END_ACTION|>"
    "{% else %}<|START_RESPONSE|>{{ message.content }}<|END_RESPONSE|>{% endif %}"
    "{% elif message.role == 'tool' %}<|SYSTEM_TOKEN|><|START_TOOL_RESULT|>{{ message.content }}<|END_TOOL_RESULT|>"
    "{% else %}<|SYSTEM_TOKEN|>{{ message.content }}{% endif %}<|END_OF_TURN_TOKEN|>{% endfor %}"
    "{% if add_generation_prompt %}<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>{% endif %}"
)
"""Command R7B's segments for actions, responses and tool results, cut down to what tests need."""

THINKING_TEMPLATE = TOOL_TEMPLATE.replace(
    "<|START_ACTION|>", "<|START_THINKING|>{{ message.reasoning_content }}<|END_THINKING|><|START_ACTION|>"
)
"""The same for a model that may think before it acts."""


def byte_token(character: str) -> int:
    """The token id of an ASCII character."""
    return len(CONTROL_TOKENS) + ord(character)


@dataclass(frozen=True)
class ModelShape:
    """Sizes of a random model. Matrices are Q8_0: about 1.06 bytes per parameter."""

    width: int = 64
    blocks: int = 2
    heads: int = 4
    kv_heads: int = 2
    feed_forward: int = 128
    vocabulary: int = 512
    """At least the 256 bytes, the merges and the control tokens; the rest are unused words."""
    context: int = 4096
    seed: int = 7
    template: str = TOOL_TEMPLATE
    architecture: str = "command-r"
    markers_are_control: bool = True
    """Whether segment markers are control tokens or, as in some conversions, ordinary ones."""


SMALL = ModelShape()
"""A tenth of a megabyte: answers thousands of tokens per second."""
SLOW = ModelShape(width=1024, blocks=8, heads=16, kv_heads=8, feed_forward=2560)
"""About 90 MB: on two cores about a hundred tokens per second, so that a test can act in the middle of an answer."""
BENCHMARK = ModelShape(
    width=1536, blocks=14, heads=16, kv_heads=8, feed_forward=4096, vocabulary=16_000, context=8192
)
"""About 400 million parameters."""


def write_random_model(path: Path, shape: ModelShape = SMALL) -> Path:
    """Write the file and return its path."""
    writer = gguf.GGUFWriter(path, shape.architecture)
    _write_shape(writer, shape)
    _write_tokenizer(writer, shape)
    _write_weights(writer, shape)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _write_shape(writer: gguf.GGUFWriter, shape: ModelShape) -> None:
    writer.add_name("random")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.blocks)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_layer_norm_eps(1e-5)
    writer.add_rope_freq_base(10_000.0)
    writer.add_rope_scaling_type(gguf.RopeScalingType.NONE)
    writer.add_logit_scale(1.0)
    writer.add_vocab_size(shape.vocabulary)


def _write_tokenizer(writer: gguf.GGUFWriter, shape: ModelShape) -> None:
    known = [*CONTROL_TOKENS, *byte_characters(), *(merge.replace(" ", "") for merge in MERGES)]
    tokens = known + [f"word{number}" for number in range(shape.vocabulary - len(known))]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("command-r")
    writer.add_token_list(tokens)
    writer.add_token_types([_token_type(token, shape) for token in tokens])
    writer.add_token_merges(MERGES)
    writer.add_bos_token_id(CONTROL_TOKENS.index("<BOS_TOKEN>"))
    writer.add_eos_token_id(CONTROL_TOKENS.index("<|END_OF_TURN_TOKEN|>"))
    writer.add_pad_token_id(CONTROL_TOKENS.index("<PAD>"))
    writer.add_unk_token_id(CONTROL_TOKENS.index("<UNK>"))
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    if shape.template:
        writer.add_chat_template(shape.template)


def _token_type(token: str, shape: ModelShape) -> gguf.TokenType:
    if token not in CONTROL_TOKENS:
        return gguf.TokenType.NORMAL
    is_marker = token.startswith(("<|START_", "<|END_")) and "TURN" not in token
    return gguf.TokenType.USER_DEFINED if is_marker and not shape.markers_are_control else gguf.TokenType.CONTROL


def byte_characters() -> list[str]:
    """The printable character that stands for each byte in byte-level BPE (GPT-2's table)."""
    printable = {*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)}
    hidden = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) if byte in printable else chr(256 + hidden.index(byte)) for byte in range(256)]


def _write_weights(writer: gguf.GGUFWriter, shape: ModelShape) -> None:
    random = np.random.default_rng(shape.seed)
    kv_width = shape.width // shape.heads * shape.kv_heads
    matrices = {"token_embd": (shape.vocabulary, shape.width)}
    norms = ["output_norm"]
    for block in range(shape.blocks):
        norms.append(f"blk.{block}.attn_norm")
        matrices |= {
            f"blk.{block}.attn_q": (shape.width, shape.width),
            f"blk.{block}.attn_k": (kv_width, shape.width),
            f"blk.{block}.attn_v": (kv_width, shape.width),
            f"blk.{block}.attn_output": (shape.width, shape.width),
            f"blk.{block}.ffn_gate": (shape.feed_forward, shape.width),
            f"blk.{block}.ffn_up": (shape.feed_forward, shape.width),
            f"blk.{block}.ffn_down": (shape.width, shape.feed_forward),
        }
    for name, (rows, columns) in matrices.items():
        kind = gguf.GGMLQuantizationType.Q8_0
        writer.add_tensor(f"{name}.weight", _random_q8_0(random, rows, columns), raw_dtype=kind)
    for name in norms:
        writer.add_tensor(f"{name}.weight", np.ones(shape.width, dtype=np.float32))


def _random_q8_0(random: np.random.Generator, rows: int, columns: int) -> np.ndarray:
    """Random Q8_0 blocks: a half float scale and 32 signed bytes each, scaled so that products keep their size."""
    values, blocks = 32, rows * columns // 32
    scale = np.array([1.0 / (columns**0.5 * 73.0)], dtype=np.float16)  # 73: the deviation of uniform bytes
    packed = np.empty((blocks, 2 + values), dtype=np.uint8)
    packed[:, :2] = scale.view(np.uint8)
    packed[:, 2:] = np.frombuffer(random.bytes(blocks * values), dtype=np.uint8).reshape(blocks, values)
    return packed.reshape(rows, columns // values * (2 + values))
