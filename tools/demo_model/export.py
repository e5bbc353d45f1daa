"""Write a checkpoint as GGUF: architecture `command-r`, tokenizer and chat template inside.

    python -m tools.demo_model.export --checkpoint build/demo_model/checkpoint.pt --out demo-command.gguf

`<|END_OF_TURN_TOKEN|>` is declared as end of text and end of turn, so that a turn's end stops generation.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from pathlib import Path

import gguf
import numpy as np
import torch
from tokenizers import Tokenizer

from tools.demo_model.model import Shape
from tools.demo_model.prompt import (
    BOS,
    CONTROL_TOKENS,
    END_OF_TURN,
    MARK_TOKENS,
    PAD,
    SPECIAL_TOKENS,
    TEMPLATE_PATH,
    UNK,
)
from tools.demo_model.tokenizer import BUILD_DIRECTORY, TOKENIZER_PATH
from tools.demo_model.train import CHECKPOINT_PATH

GGUF_PATH = BUILD_DIRECTORY / "demo-command.gguf"
CONTEXT_LENGTH = 2048
"""Declared positions: what the longest training conversations have. Beyond it the answers fall apart."""

QUANTISATIONS = {
    "q8_0": (gguf.GGMLQuantizationType.Q8_0, gguf.LlamaFileType.MOSTLY_Q8_0),
    "f32": (gguf.GGMLQuantizationType.F32, gguf.LlamaFileType.ALL_F32),
}

_BLOCK_TENSORS = {
    "query": "attn_q",
    "key": "attn_k",
    "value": "attn_v",
    "output": "attn_output",
    "gate": "ffn_gate",
    "up": "ffn_up",
    "down": "ffn_down",
}


def gguf_name(name: str) -> str:
    """The GGUF tensor name of a parameter of `CommandModel`."""
    if name == "embedding.weight":
        return "token_embd.weight"
    if name == "norm":
        return "output_norm.weight"
    match = re.fullmatch(r"blocks\.(\d+)\.(\w+?)(\.weight)?", name)
    if match is None:
        raise ValueError(f"unknown parameter {name}")
    block, part = match.group(1), match.group(2)
    return f"blk.{block}.{'attn_norm' if part == 'norm' else _BLOCK_TENSORS[part]}.weight"


def _write_shape(writer: gguf.GGUFWriter, shape: Shape) -> None:
    writer.add_context_length(CONTEXT_LENGTH)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.blocks)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_layer_norm_eps(shape.norm_epsilon)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_rope_dimension_count(shape.head_width)
    writer.add_rope_scaling_type(gguf.RopeScalingType.NONE)
    writer.add_logit_scale(shape.logit_scale)
    writer.add_vocab_size(shape.vocabulary)


def _token_type(token: str) -> gguf.TokenType:
    if token in CONTROL_TOKENS:
        return gguf.TokenType.CONTROL
    return gguf.TokenType.USER_DEFINED if token in MARK_TOKENS else gguf.TokenType.NORMAL


def _write_tokenizer(writer: gguf.GGUFWriter, tokenizer: Tokenizer) -> None:
    by_number = {number: token for token, number in tokenizer.get_vocab().items()}
    tokens = [by_number[number] for number in range(len(by_number))]
    merges = [
        pair if isinstance(pair, str) else " ".join(pair)
        for pair in json.loads(tokenizer.to_str())["model"]["merges"]
    ]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("command-r")
    writer.add_token_list(tokens)
    writer.add_token_types([_token_type(token) for token in tokens])
    writer.add_token_merges(merges)
    writer.add_bos_token_id(SPECIAL_TOKENS.index(BOS))
    writer.add_eos_token_id(SPECIAL_TOKENS.index(END_OF_TURN))
    writer.add_eot_token_id(SPECIAL_TOKENS.index(END_OF_TURN))
    writer.add_pad_token_id(SPECIAL_TOKENS.index(PAD))
    writer.add_unk_token_id(SPECIAL_TOKENS.index(UNK))
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_chat_template(TEMPLATE_PATH.read_text(encoding="utf-8"))


def write_gguf(
    path: Path,
    shape: Shape,
    *,
    weights: dict[str, torch.Tensor],
    tokenizer: Tokenizer,
    quantisation: str = "q8_0",
) -> None:
    """Write the whole model to `path`. Matrices are quantised, norms stay F32."""
    matrix_type, file_type = QUANTISATIONS[quantisation]
    writer = gguf.GGUFWriter(path, "command-r")
    writer.add_name("ALIVE localcloud demo model")
    writer.add_description("A small demo made from scratch: it shows that the server works, it knows nothing.")
    writer.add_license("apache-2.0")
    writer.add_languages(["en", "pt"])
    writer.add_file_type(file_type)
    _write_shape(writer, shape)
    _write_tokenizer(writer, tokenizer)
    for name, weight in weights.items():
        values = weight.to(torch.float32).numpy().astype(np.float32)
        if values.ndim == 1:
            writer.add_tensor(gguf_name(name), values)
        else:
            writer.add_tensor(gguf_name(name), gguf.quants.quantize(values, matrix_type), raw_dtype=matrix_type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main() -> None:
    """Read checkpoint and tokenizer, write the file, print size and checksum."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, default=CHECKPOINT_PATH)
    parser.add_argument("--tokenizer", type=Path, default=TOKENIZER_PATH)
    parser.add_argument("--out", type=Path, default=GGUF_PATH)
    parser.add_argument("--quantisation", choices=sorted(QUANTISATIONS), default="q8_0")
    arguments = parser.parse_args()
    checkpoint = torch.load(arguments.checkpoint, map_location="cpu", weights_only=True)
    write_gguf(
        arguments.out,
        Shape(**checkpoint["shape"]),
        weights=checkpoint["weights"],
        tokenizer=Tokenizer.from_file(str(arguments.tokenizer)),
        quantisation=arguments.quantisation,
    )
    content = arguments.out.read_bytes()
    print(f"{arguments.out}: {len(content):,} bytes, sha256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
