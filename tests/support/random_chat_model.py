"""Makes folders for onnxruntime-genai with random weights: real files for the real engine, in a moment.

The answers are noise, but deterministic noise. The tokenizer is a byte-level BPE over the 256 bytes with the special
tokens of a family. The graph is written by the code that exports the demo model's twin.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

from support.random_model import CONTROL_TOKENS, MERGES, TOOL_TEMPLATE, byte_characters
from tools.demo_model.genai_folder import Words, write_genai_folder
from tools.demo_model.llama_graph import LlamaShape, Matrix

QWEN_TEMPLATE = (
    "{% if tools %}<|im_start|>system\n# Tools\n{% for tool in tools %}{{ tool | tojson }}\n{% endfor %}"
    "For each function call, return a json object within <tool_call></tool_call> XML tags.<|im_end|>\n{% endif %}"
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}"
    "{% if message.tool_calls %}{% for call in message.tool_calls %}\n<tool_call>\n"
    '{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}\n</tool_call>'
    "{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""The form of Hermes, Qwen and others, cut down to what tests need."""


@dataclass(frozen=True)
class Family:
    """How the models of one house speak."""

    specials: tuple[str, ...]
    template: str
    end: str
    bos: str
    pad: str
    words: tuple[str, ...] = ()
    """Tokens that are added without being special."""


COMMAND = Family(CONTROL_TOKENS, TOOL_TEMPLATE, "<|END_OF_TURN_TOKEN|>", "<BOS_TOKEN>", "<PAD>")
QWEN = Family(
    ("<|endoftext|>", "<|im_start|>", "<|im_end|>"),
    QWEN_TEMPLATE,
    "<|im_end|>",
    "<|endoftext|>",
    "<|endoftext|>",
    ("<tool_call>", "</tool_call>"),
)
SMALL = LlamaShape(vocabulary=512, width=64, blocks=2, heads=4, kv_heads=2, feed_forward=128, context=2048)
"""Half a megabyte: answers thousands of tokens per second."""
SLOW = LlamaShape(vocabulary=512, width=1024, blocks=8, heads=16, kv_heads=8, feed_forward=2560, context=2048)
"""About 90 MB: slow enough that a test can act in the middle of an answer."""


def write_random_chat_model(folder: Path, shape: LlamaShape = SMALL, *, family: Family = COMMAND) -> Path:
    """Write the folder and return it."""
    words = Words(
        tokenizer=random_tokenizer(shape, family),
        template=family.template,
        bos=family.bos,
        eos=family.end,
        pad=family.pad,
    )
    return write_genai_folder(folder, shape, weights=random_weights(shape), words=words)


def random_tokenizer(shape: LlamaShape, family: Family) -> Tokenizer:
    """A tokenizer of the family: its specials first, then a token for each byte, then a few words."""
    known = [*family.specials, *family.words, *byte_characters(), *(merge.replace(" ", "") for merge in MERGES)]
    tokens = known + [f"word{number}" for number in range(shape.vocabulary - len(known))]
    merges = [(first, second) for first, second in (merge.split() for merge in MERGES)]
    tokenizer = Tokenizer(models.BPE(vocab={token: number for number, token in enumerate(tokens)}, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in family.specials])
    tokenizer.add_tokens([AddedToken(token, normalized=False) for token in family.words])
    return tokenizer


def random_weights(shape: LlamaShape) -> dict[str, Matrix]:
    """Weights of a Llama of this shape, by the training script's names; always the same ones."""
    random = np.random.default_rng(7)

    def matrix(rows: int, columns: int) -> Matrix:
        return (random.standard_normal((rows, columns)) / columns**0.5).astype(np.float32)

    kv_width = shape.head_width * shape.kv_heads
    weights = {"embedding.weight": matrix(shape.vocabulary, shape.width), "norm": np.ones(shape.width, np.float32)}
    for number in range(shape.blocks):
        block = f"blocks.{number}"
        weights |= {f"{block}.{name}": np.ones(shape.width, np.float32) for name in ("norm", "feed_norm")}
        weights |= {
            f"{block}.query.weight": matrix(shape.width, shape.width),
            f"{block}.key.weight": matrix(kv_width, shape.width),
            f"{block}.value.weight": matrix(kv_width, shape.width),
            f"{block}.output.weight": matrix(shape.width, shape.width),
            f"{block}.gate.weight": matrix(shape.feed_forward, shape.width),
            f"{block}.up.weight": matrix(shape.feed_forward, shape.width),
            f"{block}.down.weight": matrix(shape.width, shape.feed_forward),
        }
    return weights
